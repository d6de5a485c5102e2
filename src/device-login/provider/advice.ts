import { parseJsonObject } from '../../text/json-object.js'
import { shown } from '../../text/printable.js'
import { MASK } from '../../text/secret.js'
import { textField } from './answer-fields.js'
import type { Asked } from './asked.js'
import type { ProviderAnswer } from './provider-http.js'

/** What the codes of Node and undici mean. */
const FAILURES: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED$/, 'nothing listens there'],
  [/^(?:ENOTFOUND|EAI_\w+)$/, 'unknown host'],
  [/^(?:EHOSTUNREACH|ENETUNREACH)$/, 'no route to this host'],
  [/^(?:ETIMEDOUT|UND_ERR_\w*TIMEOUT)$/, 'no answer in time'],
  [/^(?:ERR_INVALID_URL|UND_ERR_INVALID_ARG)$/, 'HTTPS_PROXY or HTTP_PROXY is not a URL'],
  [/^UND_ERR_RES_EXCEEDED_MAX_SIZE$/, 'the answer is longer than 64 KiB'],
  [/^CERT_HAS_EXPIRED$/, 'its certificate has expired'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'its certificate is for another name'],
  [
    /SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED/,
    'its certificate is not signed by an authority trusted here; name the authority with ca in [profile.tls], or NODE_EXTRA_CA_CERTS',
  ],
  [/^(?:EPROTO|ERR_SSL_\w+)$/, 'the TLS handshake failed'],
  [/^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET|HPE_\w+)$/, 'it closed the connection'],
]

/** Why there was no answer. */
export function failureText(failure: string, { key, host }: Asked): string {
  const says = FAILURES.find(([pattern]) => pattern.test(failure))?.[1]
  return says === undefined ? `${key} ${host}: ${failure}` : `${key} ${host}: ${says} (${failure})`
}

/** What errors of OAuth 2.0 mean for a person (RFC 6749 §5.2, RFC 8628 §3.5, RFC 8707 §2). */
const ERRORS: ReadonlyMap<string, (asked: Asked) => string> = new Map([
  ['access_denied', () => 'the login was refused in the browser'],
  ['authorization_declined', () => 'the login was refused in the browser'],
  ['expired_token', () => 'the code has expired; start again'],
  ['invalid_grant', () => 'the code is not valid any more; start again'],
  ['bad_verification_code', () => 'the code is not valid any more; start again'],
  ['invalid_client', clientText],
  ['unauthorized_client', clientText],
  ['invalid_scope', scopeText],
  ['invalid_target', scopeText],
  [
    'unsupported_grant_type',
    ({ host }: Asked) => `${host} does not offer the device flow at this URL`,
  ],
])

function clientText({ host, clientId }: Asked): string {
  return (
    `${host} does not let the client ${shown(clientId)} sign in this way: check client_id and client_secret, ` +
    'and switch on the device flow (Keycloak: "OAuth 2.0 Device Authorization Grant"; Auth0: grant type "Device Code"; ' +
    'Entra ID: "Allow public client flows")'
  )
}

function scopeText({ host, scope }: Asked): string {
  return `${host} does not accept ${scope === '' ? 'a login without scopes' : `the scopes ${shown(scope)}`} or the parameters of the profile`
}

/** Why a provider gives no tokens, with its own words behind it. */
export function endedText(answer: ProviderAnswer, asked: Asked): string {
  const { status, body } = answer
  const { host, key, url } = asked
  const object = parseJsonObject(body) ?? {}
  const error = textField(object, 'error', 64)
  const description = textField(object, 'error_description') ?? ''
  const says = description.includes('AADSTS7000218')
    ? `Entra ID asks for a secret of the client ${shown(asked.clientId)}: switch on "Allow public client flows" of the application`
    : ERRORS.get(error ?? '')?.(asked)
  const original = shown(masked(description || (error ?? ''), asked.secrets))
  if (says !== undefined) return `${says} (${original})`
  if (error !== undefined) return `${host} refused: ${original}`
  if (status >= 300 && status < 400) {
    return `${key} ${host} redirects (HTTP ${status}), which is not followed: use the URL that it leads to`
  }
  if (status === 404) return `${key} ${host}: there is no such page (HTTP 404)${pathHint(url)}`
  if (status === 401 || status === 403) return `${clientText(asked)} (HTTP ${status})`
  return `${key} ${host} answered HTTP ${status}, which is not an answer of OAuth 2.0`
}

/** Keycloak up to 16 has `/auth` before `/realms`, later ones do not. */
function pathHint(url: string): string {
  const { pathname } = new URL(url)
  if (pathname.includes('/auth/realms/')) {
    return '; Keycloak 17 and later have no /auth before /realms'
  }
  if (pathname.includes('/realms/')) return '; Keycloak up to 16 has /auth before /realms'
  return ''
}

function masked(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => (secret ? rest.replaceAll(secret, MASK) : rest), text)
}
