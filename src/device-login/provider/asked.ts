import { hostOf } from '../profile/oauth-url.js'
import type { OAuth2Profile } from '../profile/profile.js'

/** What a provider was asked, for messages. */
export interface Asked {
  /** Host and port of the URL. */
  readonly host: string
  /** `device_url` or `token_url`. */
  readonly key: 'device_url' | 'token_url'
  readonly url: string
  readonly clientId: string
  readonly scope: string
  /** What no message may show. */
  readonly secrets: readonly string[]
}

export function askedAt(
  key: Asked['key'],
  profile: OAuth2Profile,
  { scope = '', secrets = [] }: { scope?: string; secrets?: readonly string[] } = {},
): Asked {
  const url = key === 'device_url' ? profile.deviceUrl : profile.tokenUrl
  const { clientId, clientSecret } = profile
  const own = clientSecret === undefined ? [] : [clientSecret.reveal()]
  return { host: hostOf(url), key, url, clientId, scope, secrets: [...secrets, ...own] }
}
