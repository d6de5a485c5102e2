/** Headers about one connection (RFC 9110 §7.6.1) that end here in both directions, beside those looked at one by one. */
export const HOP_BY_HOP = [
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-connection',
  'te',
  'upgrade',
] as const

/**
 * What the gateway does with a request header on its way to the upstream:
 *
 * - `pass`: forwarded, unless the `Connection` header lists it
 * - `drop`: never forwarded
 * - `cookie`: forwarded only where cookies are wanted
 * - the rest: looked at, and written anew if at all
 */
export type HeaderKind =
  | 'pass'
  | 'drop'
  | 'cookie'
  | 'connection'
  | 'content-length'
  | 'host'
  | 'trailer'
  | 'transfer-encoding'
  | 'x-forwarded-for'
  | 'x-forwarded-host'
  | 'x-forwarded-proto'

/** Answered here: the upstream is asked once there is something to send. */
const EXPECT = 'expect'

/** Credentials are not forwarded. */
const CREDENTIALS = ['authorization', 'cookie2', 'proxy-authorization']

/** Who the user is, in the words of this or another proxy. Only the gateway says that, in `X-Forwarded-User`. */
const IDENTITY = [
  'client-cert',
  'client-cert-chain',
  'impersonate-group',
  'impersonate-uid',
  'impersonate-user',
  'x-email',
  'x-grafana-user',
  'x-groups',
  'x-ms-token-aad-id-token',
  'x-roles',
  'x-scope-orgid',
  'x-user',
  'x-user-email',
  'x-user-groups',
  'x-user-id',
  'x-user-name',
  'x-user-roles',
  'x-username',
]

/** The id of a request. Only the gateway sets it, in `X-Request-Id`, which InfluxDB takes over. */
const NAME = ['request-id', 'x-request-id']

/** Where a request came from and what it was before, in the words of other proxies; and what would change it upstream. */
const ORIGIN = [
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'client-ip',
  'fastly-client-ip',
  'forwarded',
  'front-end-https',
  'true-client-ip',
  'x-arr-ssl',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-forwarded',
  'x-host',
  'x-http-host-override',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-override-url',
  'x-originating-ip',
  'x-proxyuser-ip',
  'x-real-ip',
  'x-request-uri',
  'x-rewrite-url',
  'x-scheme',
  'x-script-name',
  'x-url-scheme',
]

/** Whole families of such headers, by the first words of their names. */
const FAMILY =
  /^(?:cf-access|impersonate-extra|remote|ssl-client|x-amzn-oidc|x-anonymous|x-auth|x-authelia|x-authenticated|x-authentik|x-client-cert|x-consumer|x-credential|x-envoy|x-forwarded|x-goog-authenticated-user|x-goog-iap|x-jwt|x-ms-client-principal|x-original|x-pomerium|x-remote|x-ssl|x-vouch|x-webauth)(?:-|$)/

const KINDS: ReadonlyMap<string, HeaderKind> = new Map<string, HeaderKind>([
  ...[...HOP_BY_HOP, EXPECT, ...CREDENTIALS, ...IDENTITY, ...NAME, ...ORIGIN].map(
    (name) => [name, 'drop'] as const,
  ),
  // In nearly every request: found without the regular expression
  ...[
    'accept',
    'accept-encoding',
    'accept-language',
    'cache-control',
    'content-encoding',
    'content-type',
    'origin',
    'referer',
    'user-agent',
  ].map((name) => [name, 'pass'] as const),
  ['connection', 'connection'],
  ['content-length', 'content-length'],
  ['cookie', 'cookie'],
  ['host', 'host'],
  ['trailer', 'trailer'],
  ['transfer-encoding', 'transfer-encoding'],
  ['x-forwarded-for', 'x-forwarded-for'],
  ['x-forwarded-host', 'x-forwarded-host'],
  ['x-forwarded-proto', 'x-forwarded-proto'],
])

const PLAIN = /^[a-z0-9-]+$/
const UNPLAIN = /[^a-z0-9]/g

/**
 * The kind of the header `name`, in lower case. Gateway interfaces such as CGI and WSGI read any other character as a
 * hyphen, `X_Forwarded_User` as `X-Forwarded-User`: a name with one is dropped if the name so read is of any kind but
 * `pass`.
 */
export function headerKind(name: string): HeaderKind {
  const known = KINDS.get(name)
  if (known !== undefined) return known
  if (PLAIN.test(name)) return FAMILY.test(name) ? 'drop' : 'pass'
  const read = name.replace(UNPLAIN, '-')
  return FAMILY.test(read) || (KINDS.get(read) ?? 'pass') !== 'pass' ? 'drop' : 'pass'
}
