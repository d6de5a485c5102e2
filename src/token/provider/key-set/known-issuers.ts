/** What `iss` may be. */
export interface KnownIssuer {
  readonly issuer: string
  /** Microsoft Entra ID: its keys sign for all tenants, so that `tid` must be this one. */
  readonly tenant: string | undefined
}

const GUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const TENANT_PATH = new RegExp(`^/(${GUID})(?:/|$)`, 'i')
const ENTRA_KEYS = new RegExp(`^/(${GUID})/discovery/(?:v2\\.0/)?keys$`, 'i')
const ENTRA_HOST = /(?:^|\.)(?:microsoftonline\.(?:com|us|cn)|ciamlogin\.com|sts\.windows\.net)$/
const KEYCLOAK_KEYS = '/protocol/openid-connect/certs'
const AUTH0_KEYS = '/.well-known/jwks.json'
const DISCOVERY = /\/\.well-known\/(?:openid-configuration|oauth-authorization-server)(?:\/|$)/

/** `issuer` as it is to be compared, with the tenant that it names, if it is one of Entra's. */
export function knownIssuer(issuer: string, provider: string): KnownIssuer {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  const isEntra = url && (isAzure(provider) || ENTRA_HOST.test(url.hostname))
  const tenant = isEntra ? TENANT_PATH.exec(url.pathname)?.[1]?.toLowerCase() : undefined
  return { issuer, tenant }
}

/**
 * Whose keys are at that URL, as Keycloak, Auth0 and Entra lay out theirs.
 *
 * @returns empty for a discovery document, which tells it itself; undefined if the URL does not tell
 */
export function derivedIssuers(
  jwksEndpoint: string,
  provider: string,
): readonly KnownIssuer[] | undefined {
  const url = new URL(jwksEndpoint)
  const { origin, pathname } = url
  if (DISCOVERY.test(pathname)) return []
  if (pathname.endsWith(KEYCLOAK_KEYS)) {
    return [{ issuer: origin + pathname.slice(0, -KEYCLOAK_KEYS.length), tenant: undefined }]
  }
  const tenant = ENTRA_KEYS.exec(pathname)?.[1]?.toLowerCase()
  if (tenant !== undefined) {
    return [
      { issuer: `${origin}/${tenant}/v2.0`, tenant },
      { issuer: `https://sts.windows.net/${tenant}/`, tenant },
    ]
  }
  const isAuth0 = provider.toLowerCase() === 'auth0' || url.hostname.endsWith('.auth0.com')
  if (isAuth0 && pathname === AUTH0_KEYS) return [{ issuer: `${origin}/`, tenant: undefined }]
  return undefined
}

/** The tenant whose keys only a key's own `issuer` names; undefined for a template (`{tenantid}`). */
export function tenantOfKey(issuer: unknown): string | undefined {
  if (typeof issuer !== 'string' || !URL.canParse(issuer)) return undefined
  const url = new URL(issuer)
  return TENANT_PATH.exec(url.pathname)?.[1]?.toLowerCase()
}

const isAzure = (provider: string) => provider.toLowerCase() === 'azure'
