import type { Config } from '../config.js'

/** Whether `[oidc]` names a provider. */
export const isProviderSet = ({ jwksEndpoint, issuer }: Config['oidc']): boolean =>
  jwksEndpoint !== '' || issuer !== ''
