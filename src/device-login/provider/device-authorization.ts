import { createHash, randomBytes } from 'node:crypto'
import { AuthError } from '../../errors.js'
import { parseJsonObject } from '../../text/json-object.js'
import type { Milliseconds } from '../../time.js'
import type { OAuth2Profile } from '../profile/profile.js'
import { endedText, failureText } from './advice.js'
import { secondsField, textField } from './answer-fields.js'
import { type Asked, askedAt } from './asked.js'
import type { ProviderAnswer, ProviderHttp } from './provider-http.js'
import { scopesToTry } from './scopes.js'

/** A login that waits for a person in a browser (RFC 8628 §3.2). */
export interface DeviceAuthorization {
  readonly deviceCode: string
  /** What the person types, or compares. As it came: escape it. */
  readonly userCode: string
  /** The page to open: http or https. */
  readonly page: string
  /** The same with the code in it, if the provider has one, on the same host. */
  readonly pageWithCode: string | undefined
  readonly expiresIn: Milliseconds
  /** How long to wait before each question. */
  readonly interval: Milliseconds
  /** The `code_verifier` (RFC 7636 §4.1) that goes with the device code. */
  readonly codeVerifier: string
  /** Which scopes were asked for. */
  readonly scope: string
}

/**
 * Requests a device code (RFC 8628 §3.1), with PKCE: Keycloak may require it, others pass it over.
 *
 * @throws AuthError one line that says why there is none
 */
export async function authorizeDevice(
  profile: OAuth2Profile,
  http: ProviderHttp,
): Promise<DeviceAuthorization> {
  const codeVerifier = randomBytes(32).toString('base64url')
  const tries = scopesToTry(profile.scopes)
  for (const [i, scope] of tries.entries()) {
    const asked = askedAt('device_url', profile, { scope, secrets: [codeVerifier] })
    const fields = fieldsOf(profile, scope, codeVerifier)
    const answer = await http.post(profile.deviceUrl, fields)
    if ('failure' in answer) {
      throw new AuthError('ERR_PROVIDER_UNAVAILABLE', failureText(answer.failure, asked))
    }
    const object = answer.status === 200 ? parseJsonObject(answer.body) : undefined
    if (object) return { ...readAuthorization(object, asked), codeVerifier, scope }
    if (isScopeError(answer) && i < tries.length - 1) continue
    if (answer.status >= 500) {
      throw new AuthError(
        'ERR_PROVIDER_UNAVAILABLE',
        `device_url ${asked.host} answered HTTP ${answer.status}; try again later`,
      )
    }
    throw refused(endedText(answer, asked))
  }
  throw new Error('unreachable')
}

function fieldsOf(
  { clientId, clientSecret, parameters }: OAuth2Profile,
  scope: string,
  codeVerifier: string,
): URLSearchParams {
  return new URLSearchParams({
    ...parameters,
    client_id: clientId,
    ...(clientSecret && { client_secret: clientSecret.reveal() }),
    ...(scope !== '' && { scope }),
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
}

const isScopeError = ({ body }: ProviderAnswer) => parseJsonObject(body)?.error === 'invalid_scope'

/** Bounds of what a provider may ask for. */
const INTERVAL = { usual: 5_000, least: 1_000, most: 60_000 }
const LIFETIME = { usual: 600_000, least: 10_000, most: 3_600_000 }

function readAuthorization(
  object: Readonly<Record<string, unknown>>,
  { host }: Asked,
): Omit<DeviceAuthorization, 'codeVerifier' | 'scope'> {
  const deviceCode = textField(object, 'device_code')
  const userCode = textField(object, 'user_code', 64)
  // Early drafts, and Google, call it verification_url
  const given = textField(object, 'verification_uri') ?? textField(object, 'verification_url')
  if (deviceCode === undefined || userCode === undefined || given === undefined) {
    throw refused(`device_url ${host} gave an incomplete answer: no code, or no page to open`)
  }
  const page = pageOf(given)
  if (page === undefined) {
    throw refused(
      `device_url ${host} names a page that is neither http nor https: nothing is opened`,
    )
  }
  const withCode = pageOf(textField(object, 'verification_uri_complete') ?? '')
  return {
    deviceCode,
    userCode,
    page: page.href,
    pageWithCode: withCode?.host === page.host ? withCode.href : undefined,
    expiresIn: clamped(secondsField(object, 'expires_in'), LIFETIME),
    interval: clamped(secondsField(object, 'interval'), INTERVAL),
  }
}

/** A page that a browser may be sent to; control characters in it are percent-encoded. */
function pageOf(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
  return isWeb && url.username === '' && url.password === '' ? url : undefined
}

function clamped(
  seconds: number | undefined,
  { usual, least, most }: Readonly<Record<'usual' | 'least' | 'most', Milliseconds>>,
): Milliseconds {
  return seconds === undefined ? usual : Math.min(Math.max(seconds * 1000, least), most)
}

function refused(message: string): AuthError {
  return new AuthError('ERR_CREDENTIALS_REJECTED', message)
}
