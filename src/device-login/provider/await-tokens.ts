import { AuthError } from '../../errors.js'
import type { Clock, Milliseconds } from '../../time.js'
import type { OAuth2Profile } from '../profile/profile.js'
import { askedAt } from './asked.js'
import type { DeviceAuthorization } from './device-authorization.js'
import type { ProviderHttp } from './provider-http.js'
import type { TokenSet } from './token-set.js'
import { retryAfter, tokenVerdict } from './token-verdict.js'

export interface AwaitTokensOptions {
  readonly wait: (time: Milliseconds) => Promise<void>
  /** For how long it has gone on. */
  readonly clock: Clock
  /** Milliseconds since the epoch. */
  readonly now: () => Milliseconds
  /** When to give up, by the clock, and with which error. @default when the code expires */
  readonly until?: LoginDeadline | undefined
}

/** Until when a login may take. */
export interface LoginDeadline {
  /** By the clock. */
  readonly time: Milliseconds
  /** @param last what disturbed it at last, as the end of a sentence; empty if nothing did */
  readonly error: (last: string) => AuthError
}

/** By how much the interval grows at each `slow_down` (RFC 8628 §3.5), and how far. */
const SLOWER: Milliseconds = 5_000
const SLOWEST: Milliseconds = 60_000

/** By how much longer is waited after a disturbance, at most. */
const MOST_FACTOR = 4

/** The longest `Retry-After` that is heeded. */
const LONGEST_RETRY: Milliseconds = 60_000

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/**
 * Asks for the tokens of a login again and again until the person has finished in the browser (RFC 8628 §3.4). It waits
 * first, and counts from the end of the last answer: a fixed beat would be early, and told to slow down for ever.
 * Disturbances do not end it, they make it slower.
 *
 * @throws AuthError one line that says why there are none
 */
export async function awaitTokens(
  { deviceCode, codeVerifier, scope, ...device }: DeviceAuthorization,
  profile: OAuth2Profile,
  http: ProviderHttp,
  { wait, clock, now, until }: AwaitTokensOptions,
): Promise<TokenSet> {
  const fields = fieldsOf(profile, deviceCode, codeVerifier)
  const asked = askedAt('token_url', profile, { scope, secrets: [deviceCode, codeVerifier] })
  const expiry = clock() + device.expiresIn
  const end = Math.min(expiry, until?.time ?? expiry)
  let { interval } = device
  let pauseTime = interval
  let factor = 1
  let trouble: string | undefined
  while (clock() + pauseTime < end) {
    await wait(pauseTime)
    const answer = await http.post(profile.tokenUrl, fields)
    const verdict = tokenVerdict(answer, asked, now())
    if (verdict.kind === 'tokens') return verdict.tokens
    if (verdict.kind === 'ended') throw new AuthError('ERR_CREDENTIALS_REJECTED', verdict.says)
    trouble = verdict.kind === 'trouble' ? verdict.says : undefined
    if (verdict.kind === 'slow-down') interval = Math.min(interval + SLOWER, SLOWEST)
    factor = trouble === undefined ? 1 : Math.min(factor * 2, MOST_FACTOR)
    pauseTime = Math.max(interval * factor, Math.min(retryAfter(answer, now()), LONGEST_RETRY))
  }
  const last = trouble === undefined ? '' : `; at last ${trouble}`
  if (until && until.time < expiry) {
    await wait(Math.max(0, until.time - clock()))
    throw until.error(last)
  }
  throw new AuthError('ERR_CREDENTIALS_REJECTED', `the code has expired; start again${last}`)
}

function fieldsOf(
  { clientId, clientSecret }: OAuth2Profile,
  deviceCode: string,
  codeVerifier: string,
): URLSearchParams {
  return new URLSearchParams({
    grant_type: GRANT,
    device_code: deviceCode,
    client_id: clientId,
    ...(clientSecret && { client_secret: clientSecret.reveal() }),
    code_verifier: codeVerifier,
  })
}
