import { isUtf8 } from 'node:buffer'
import {
  bearerToken,
  type Credentials,
  missing,
  parseAuthorization,
  rejected,
} from '../../../authn/credentials.js'
import { isUsablePassword } from '../../../authn/passwords/password.js'
import { AuthError } from '../../../errors.js'
import { queryParameter } from '../../../http/query-parameter.js'
import { isOwnToken, OWN_TOKEN_PREFIX } from '../../../text/own-token-form.js'

/** In UTF-16 units; longer names are nobody's. */
const MAX_NAME_LENGTH = 512

/**
 * The credentials of a request as InfluxDB 1.8 finds them. The first match wins, right or wrong: `u` and `p` of the URL,
 * the first of each, unless one is empty; then the `Authorization` header. Never those of a body.
 *
 * @param rawHeaders names and values in turn
 * @param target the request target
 * @returns a header as it stands, for `parseInfluxdbAuthorization`; the refusal (401) where there are none
 */
export function findInfluxdbCredentials(
  rawHeaders: readonly string[],
  target: string,
): string | Credentials | AuthError {
  if (target.includes('?')) {
    const [name = ''] = queryParameter(target, 'u').values
    const [password = ''] = queryParameter(target, 'p').values
    if (name !== '' && password !== '') return passwordOf(name, password)
  }
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (name.length === 13 && name.toLowerCase() === 'authorization') {
      return rawHeaders[i + 1] as string
    }
  }
  return missing()
}

/**
 * Reads the value of an `Authorization` header: `Bearer`, `Token user:password` and `Token` with an own token, in exactly two
 * words and that case; `Basic` in any case.
 */
export function parseInfluxdbAuthorization(value: string): Credentials | AuthError {
  const [scheme = '', word, ...more] = value.split(' ')
  const isPair = word !== undefined && more.length === 0
  if (scheme === 'Bearer') return isPair ? bearerToken(word) : missing()
  if (scheme === 'Token' && isPair) {
    if (word.startsWith(OWN_TOKEN_PREFIX) && !word.includes(':')) return bearerToken(word)
    const colon = word.indexOf(':')
    if (colon < 0) return missing()
    const bytes = Buffer.from(word, 'latin1') // Node reads headers so
    if (!isUtf8(bytes)) return rejected()
    const text = bytes.toString()
    const at = text.indexOf(':')
    return passwordOf(text.slice(0, at), text.slice(at + 1))
  }
  const credentials = parseAuthorization(value)
  // The user name of subscriptions is Kapacitor's business
  const isSubscription = !(credentials instanceof AuthError) && credentials.kind === 'subscription'
  return isSubscription ? rejected() : credentials
}

/** What nobody can have as name or password is refused before anybody is asked about it. */
function passwordOf(name: string, password: string): Credentials | AuthError {
  if (name === '') return new AuthError('ERR_CREDENTIALS_REJECTED', 'username required')
  if (isOwnToken(password)) return { kind: 'token', token: password, claimed: name }
  const isUsable =
    name.length <= MAX_NAME_LENGTH && !name.includes('\0') && isUsablePassword(password)
  return isUsable ? { kind: 'password', name, password } : rejected()
}
