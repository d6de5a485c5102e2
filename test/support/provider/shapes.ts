/** How a kind of provider looks from outside: its paths, and what stands in its tokens. */
export interface Shape {
  /** Path of the issuer, after the origin. */
  readonly issuerPath: string
  /** Path under which all endpoints are. */
  readonly mount: string
  readonly routes: Readonly<Record<'token' | 'device_authorization' | 'authorization' | 'jwks', string>>
  /** Path of the discovery document, after the origin. */
  readonly discovery: string
  /** Members that its published keys lack, or have beside the usual ones. */
  readonly key: (jwk: Record<string, unknown>, origin: string) => Record<string, unknown>
  /** `typ` of an access token's header. */
  readonly typ: string
  /** Claims of an access token, made of those that oidc-provider gives it. */
  readonly access: (claims: Claims, about: About) => Claims
  /** Claims that its ID tokens have beside the usual ones. */
  readonly id: (about: About) => Claims
}

export type Claims = Record<string, unknown>
export interface About { readonly origin: string; readonly login: string; readonly clientId: string; readonly audience: string }

/** The tenant of the Entra shape. */
export const TENANT = '7f3c1a52-0b64-4c0e-9d0e-2f4d4b8a9c11'

const same = (jwk: Record<string, unknown>) => jwk

const keycloak: Shape = {
  issuerPath: '/realms/demo',
  mount: '/realms/demo',
  routes: {
    authorization: '/protocol/openid-connect/auth',
    device_authorization: '/protocol/openid-connect/auth/device',
    token: '/protocol/openid-connect/token',
    jwks: '/protocol/openid-connect/certs',
  },
  discovery: '/realms/demo/.well-known/openid-configuration',
  key: same,
  typ: 'JWT',
  access: ({ client_id, ...claims }, { clientId, login }) => ({
    ...claims, typ: 'Bearer', aud: 'account', azp: clientId,
    realm_access: { roles: ['offline_access', 'ops'] }, groups: ['/ops'],
    preferred_username: login, email: `${login}@example.com`,
  }),
  id: ({ clientId }) => ({ typ: 'ID', azp: clientId }),
}

const auth0: Shape = {
  issuerPath: '/',
  mount: '',
  routes: {
    authorization: '/authorize',
    device_authorization: '/oauth/device/code',
    token: '/oauth/token',
    jwks: '/.well-known/jwks.json',
  },
  discovery: '/.well-known/openid-configuration',
  key: same,
  typ: 'JWT',
  access: ({ client_id, ...claims }, { clientId, audience, origin }) => ({
    ...claims, aud: [audience, `${origin}/userinfo`], azp: clientId,
    'https://example.com/roles': ['ops'], permissions: [],
  }),
  id: () => ({}),
}

const azure: Shape = {
  issuerPath: `/${TENANT}/v2.0`,
  mount: `/${TENANT}`,
  routes: {
    authorization: '/oauth2/v2.0/authorize',
    device_authorization: '/oauth2/v2.0/devicecode',
    token: '/oauth2/v2.0/token',
    jwks: '/discovery/v2.0/keys',
  },
  discovery: `/${TENANT}/v2.0/.well-known/openid-configuration`,
  key: ({ alg, ...jwk }, origin) => ({ ...jwk, issuer: `${origin}/${TENANT}/v2.0` }),
  typ: 'JWT',
  access: ({ client_id, sub, ...claims }, { clientId, login }) => ({
    ...claims, aud: clientId, azp: clientId, azpacr: '0', ver: '2.0', tid: TENANT,
    oid: login, sub: `pairwise-${String(sub).length}`, groups: ['0d1c3c5e-8a2b-4bd4-a6a6-6d3ab8b4a001'],
    preferred_username: `${login}@example.com`,
  }),
  id: ({ login }) => ({ oid: login, tid: TENANT, ver: '2.0' }),
}

/** As Entra before `requestedAccessTokenVersion` 2: other issuer, `appid`. */
const azureV1: Shape = {
  ...azure,
  access: (claims, about) => {
    const { azp, azpacr, ...rest } = azure.access(claims, about)
    return { ...rest, iss: `https://sts.windows.net/${TENANT}/`, aud: `api://${about.clientId}`, appid: about.clientId, ver: '1.0' }
  },
}

export const SHAPES = { keycloak, auth0, azure, 'azure-v1': azureV1 }
