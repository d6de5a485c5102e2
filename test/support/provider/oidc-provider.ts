/// <reference path="./oidc-provider.d.ts" />
import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { startServer } from '../servers.js'
import { PAGES } from './pages.js'
import { quietly } from './quietly.js'
import { type About, type Claims, SHAPES, type Shape } from './shapes.js'

export interface OidcProviderOptions {
  /** Whom it looks like. @default keycloak */
  shape?: keyof typeof SHAPES
  /** Public clients. @default kapacitor-auth and another-application */
  clients?: readonly string[]
  /** Clients with a secret. */
  secrets?: Readonly<Record<string, string>>
  /** The API that access tokens are for. @default https://kapacitor.example */
  audience?: string
  /** Access tokens that nobody else can check, as Auth0 gives them without an audience. @default false */
  opaque?: boolean
  /** @default RS256 */
  algorithm?: 'RS256' | 'ES256' | 'PS256' | 'EdDSA'
  /** Lifetime of access tokens, in seconds. @default 300 */
  lifetime?: number
  /** How long a device login waits between two questions, in seconds. oidc-provider says nothing of it, which means 5. @default 1 */
  interval?: number
  /** Added to each access token's claims, by login. */
  claims?: Record<string, Claims>
  /** A handler in front of the provider: true if it has answered. */
  before?: (request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => boolean
}

/** A real provider (oidc-provider) on a free loopback port. */
export interface OidcProvider {
  readonly origin: string
  readonly issuer: string
  readonly jwksEndpoint: string
  readonly discoveryUrl: string
  readonly deviceUrl: string
  readonly tokenUrl: string
  readonly clientId: string
  readonly audience: string
  /** Paths that were asked, without queries, in order. */
  readonly asked: readonly string[]
  /** A new signing key; the old one is withdrawn, unless it is kept. Codes and grants live on. */
  rotate(keep?: boolean): Promise<void>
  close(): Promise<void>
}

/** Starts one: any login is good, nobody needs a password. See `approve` for who signs in. */
export async function startOidcProvider(options: OidcProviderOptions = {}): Promise<OidcProvider> {
  const { clients = ['kapacitor-auth', 'another-application'], algorithm = 'RS256', audience = 'https://kapacitor.example', interval = 1 } = options
  const shape: Shape = SHAPES[options.shape ?? 'keycloak']
  const { Provider } = await quietly(() => import('oidc-provider'))
  const asked: string[] = []
  let keys = [await newKey(algorithm)]
  let handle: ReturnType<InstanceType<typeof Provider>['callback']>
  const server = await startServer((request, response) => {
    const path = (request.url as string).split('?')[0] as string
    asked.push(path)
    if (options.before?.(request, response)) return
    if (path === shape.mount + shape.routes.jwks) {
      response.setHeader('Content-Type', 'application/json')
      response.end(JSON.stringify({ keys: keys.map((key) => shape.key(publicPart(key), origin)) }))
      return
    }
    if (path === shape.discovery) request.url = `${shape.mount}/.well-known/openid-configuration`
    Object.assign(request, { originalUrl: request.url })
    if (!request.url?.startsWith(shape.mount)) return void response.writeHead(404).end()
    request.url = request.url.slice(shape.mount.length) || '/'
    handle(request, response)
  })
  const origin = server.url
  const issuer = origin + shape.issuerPath
  const about = (login: string, clientId: string): About => ({ origin, login, clientId, audience })
  const renew = () => quietly(async () => {
    const provider = new Provider(issuer, configuration())
    provider.use(async (context, next) => {
      await next()
      if (context.oidc?.route === 'device_authorization') context.body = { interval, ...context.body }
    })
    handle = provider.callback()
  })
  const configuration = () => ({
    jwks: { keys },
    routes: shape.routes,
    cookies: { keys: ['cookies'] },
    clients: [
      ...clients.map((id) => clientOf(id, algorithm)),
      ...Object.entries(options.secrets ?? {}).map(([id, secret]) => ({
        ...clientOf(id, algorithm), client_secret: secret, token_endpoint_auth_method: 'client_secret_post',
      })),
    ],
    scopes: ['openid', 'offline_access', 'profile'],
    claims: { openid: ['sub', 'typ', 'azp'], profile: ['oid', 'tid', 'ver', 'name', 'preferred_username'] },
    conformIdTokenClaims: false,
    issueRefreshToken: (_context: unknown, client: { grantTypeAllowed(type: string): boolean }) => client.grantTypeAllowed('refresh_token'),
    enabledJWA: { idTokenSigningAlgValues: [algorithm] },
    findAccount: (context: { oidc?: { client?: { clientId: string } } }, login: string) => ({
      accountId: login,
      claims: () => ({ sub: login, name: login, ...shape.id(about(login, context.oidc?.client?.clientId ?? '')) }),
    }),
    formats: {
      customizers: {
        jwt: (_context: unknown, token: { accountId?: string; clientId: string }, jwt: { header?: Claims; payload: Claims }) => {
          const login = token.accountId ?? token.clientId
          jwt.header = { typ: shape.typ }
          jwt.payload = { ...shape.access(jwt.payload, about(login, token.clientId)), ...options.claims?.[login] }
        },
      },
    },
    ttl: { AccessToken: options.lifetime ?? 300, DeviceCode: 600, RefreshToken: 86_400, Grant: 86_400, Session: 3600, Interaction: 3600, IdToken: 300 },
    features: {
      deviceFlow: { enabled: true, ...PAGES },
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => (options.opaque ? undefined : audience),
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: '', audience, accessTokenTTL: options.lifetime ?? 300, accessTokenFormat: 'jwt', jwt: { sign: { alg: algorithm } },
        }),
      },
    },
  })
  await renew()
  return {
    origin,
    issuer,
    jwksEndpoint: origin + shape.mount + shape.routes.jwks,
    discoveryUrl: origin + shape.discovery,
    deviceUrl: origin + shape.mount + shape.routes.device_authorization,
    tokenUrl: origin + shape.mount + shape.routes.token,
    clientId: clients[0] as string,
    audience,
    asked,
    async rotate(keep = false) {
      keys = [await newKey(algorithm), ...(keep ? keys : [])]
      await renew()
    },
    close: () => server.close(),
  }
}

const clientOf = (id: string, algorithm: string) => ({
  client_id: id,
  token_endpoint_auth_method: 'none',
  application_type: 'native',
  grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/callback'],
  id_token_signed_response_alg: algorithm,
})

async function newKey(algorithm: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
  return { ...(await exportJWK(privateKey)), alg: algorithm, use: 'sig', kid: randomUUID() }
}

function publicPart({ d, p, q, dp, dq, qi, ...key }: JWK): Record<string, unknown> {
  return key
}
