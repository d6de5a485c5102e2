import { isUtf8 } from 'node:buffer'
import { AuthError } from '../errors.js'
import { type QueryParameter, queryParameter } from '../http/query-parameter.js'
import { isOwnToken, OWN_TOKEN_PREFIX } from '../text/own-token-form.js'
import { SUBSCRIBER } from '../token/own-token.js'
import { isUsablePassword } from './passwords/password.js'

/** What a caller offers as proof. */
export type Credentials =
  | { readonly kind: 'password'; readonly name: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'subscription'; readonly token: string }
  /** An own token, of the right form. `claimed` is the user name that came with it, which proves nothing. */
  | { readonly kind: 'token'; readonly token: string; readonly claimed?: string }

/** In UTF-16 units. Meta nodes allow 255 bytes or so; what is refused here is not remembered either. */
const MAX_NAME_LENGTH = 512

const COLON = 0x3a

/**
 * Reads the credentials of a request: `Authorization: Basic` (RFC 7617, UTF-8), `Bearer` (RFC 6750 §2.1), `Token` with an
 * own token, or `u` and `p` in the query. Never from a body, a cookie or another header.
 *
 * @param rawHeaders names and values in turn, as `IncomingMessage.rawHeaders`: `headers` hides a second one
 * @param target the request target, as `IncomingMessage.url`
 * @returns the refusal where there are none (401), or more than one (400)
 */
export function parseCredentials(
  rawHeaders: readonly string[],
  target: string,
): Credentials | AuthError {
  const found = findCredentials(rawHeaders, target)
  return typeof found === 'string' ? parseAuthorization(found) : found
}

/** The same, but an `Authorization` header is returned as it stands, for `parseAuthorization`. */
export function findCredentials(
  rawHeaders: readonly string[],
  target: string,
): string | Credentials | AuthError {
  let header: string | undefined
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (name.length === 13 && name.toLowerCase() === 'authorization') {
      if (header !== undefined) return ambiguous()
      header = rawHeaders[i + 1] as string
    }
  }
  if (target.includes('?')) {
    const u = queryParameter(target, 'u')
    const p = queryParameter(target, 'p')
    const count = u.values.length + p.values.length
    if (isRepeated(u) || isRepeated(p)) return ambiguous()
    if (header !== undefined && (count > 0 || u.ambiguous || p.ambiguous)) return ambiguous()
    const [name = ''] = u.values
    const [password = ''] = p.values
    if (name !== '' && password !== '') return checked(name, password)
  }
  return header ?? missing()
}

/** Whether it is given twice, even if only some servers would read the second one. */
function isRepeated(parameter: QueryParameter): boolean {
  return parameter.values.length + Number(parameter.ambiguous) > 1
}

/** Reads the value of an `Authorization` header. */
export function parseAuthorization(value: string): Credentials | AuthError {
  const space = value.indexOf(' ')
  if (space < 0) return missing()
  const scheme = value.slice(0, space)
  const rest = value.slice(space + 1)
  if (scheme === 'Bearer') return bearerToken(rest)
  if (scheme.toLowerCase() === 'basic') return parseBasic(rest)
  if (scheme === 'Token' && rest.startsWith(OWN_TOKEN_PREFIX)) return bearerToken(rest)
  return missing() // also for InfluxDB's "Token user:password", which Kapacitor does not know
}

/** What begins as an own token does is one, or nothing: it is not looked up as another kind of token. */
export function bearerToken(token: string): Credentials | AuthError {
  if (!token.startsWith(OWN_TOKEN_PREFIX)) return { kind: 'bearer', token }
  return isOwnToken(token) ? { kind: 'token', token } : malformedToken()
}

/** Node decodes leniently: what does not encode to the same text was not strict base64 (RFC 4648 §3.5). */
function parseBasic(base64: string): Credentials | AuthError {
  const pair = Buffer.from(base64, 'base64')
  if (pair.toString('base64') === base64) return parsePair(pair)
  pair.fill(0)
  return missing()
}

/** Reads `name:password`, and overwrites it: small buffers share memory, in which the password would stay for long. */
function parsePair(pair: Buffer): Credentials | AuthError {
  try {
    const colon = pair.indexOf(COLON)
    if (colon < 0) return missing()
    if (colon === 0) return new AuthError('ERR_CREDENTIALS_REJECTED', 'username required')
    if (!isUtf8(pair)) return rejected()
    const name = pair.toString('utf8', 0, colon)
    const password = pair.toString('utf8', colon + 1)
    return name === SUBSCRIBER ? { kind: 'subscription', token: password } : checked(name, password)
  } finally {
    pair.fill(0)
  }
}

/** Refuses what nobody can have as name or password before anybody is asked about it. */
function checked(name: string, password: string): Credentials | AuthError {
  if (isOwnToken(password)) return { kind: 'token', token: password, claimed: name }
  const usable =
    name.length <= MAX_NAME_LENGTH && !name.includes('\0') && isUsablePassword(password)
  return usable ? { kind: 'password', name, password } : rejected()
}

function malformedToken(): AuthError {
  const says = `invalid token: after ${OWN_TOKEN_PREFIX} there must be 64 hexadecimal digits`
  return new AuthError('ERR_TOKEN_INVALID', says)
}

/** No usable credentials: 401. */
export function missing(): AuthError {
  return new AuthError('ERR_CREDENTIALS_MISSING', 'unable to parse authentication credentials')
}

/** A wrong password, an unknown user: 401, in the same words. */
export function rejected(): AuthError {
  return new AuthError('ERR_CREDENTIALS_REJECTED', 'authorization failed')
}

/** More than one credential: 400, because servers differ in which one they believe. */
function ambiguous(): AuthError {
  return new AuthError('ERR_REQUEST_AMBIGUOUS', 'more than one credential in the request')
}
