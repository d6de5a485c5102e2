import { AuthError } from '../../errors.js'
import type { Milliseconds } from '../../time.js'
import type { OAuth2Profile } from '../profile/profile.js'
import { askedAt } from './asked.js'
import type { ProviderHttp } from './provider-http.js'
import type { TokenSet } from './token-set.js'
import { tokenVerdict } from './token-verdict.js'

/**
 * New tokens for a refresh token (RFC 6749 §6). Asked once: where refresh tokens are used up, a second request with
 * the same one may end the login.
 *
 * @returns undefined if the provider says that the login is over, and the person has to sign in again
 * @throws AuthError `ERR_PROVIDER_UNAVAILABLE` if the provider cannot be asked now
 */
export async function refreshTokens(
  profile: OAuth2Profile,
  refreshToken: string,
  http: ProviderHttp,
  now: () => Milliseconds,
): Promise<TokenSet | undefined> {
  const { clientId, clientSecret } = profile
  const fields = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: clientId,
    ...(clientSecret && { client_secret: clientSecret.reveal() }),
  })
  const asked = askedAt('token_url', profile, { secrets: [refreshToken] })
  const verdict = tokenVerdict(await http.post(profile.tokenUrl, fields), asked, now())
  switch (verdict.kind) {
    case 'tokens':
      return { ...verdict.tokens, refreshToken: verdict.tokens.refreshToken ?? refreshToken }
    case 'ended':
      if (isOver(verdict.error)) return undefined
      throw new AuthError('ERR_CREDENTIALS_REJECTED', verdict.says)
    case 'trouble':
      throw new AuthError('ERR_PROVIDER_UNAVAILABLE', `${verdict.says}; try again later`)
    default:
      throw new AuthError(
        'ERR_PROVIDER_UNAVAILABLE',
        `${asked.host} asks to be asked later; try again later`,
      )
  }
}

/** Whether the provider speaks of the login: not of the client or the URL, with which a new login would fail, too. */
function isOver(error: string | undefined): boolean {
  const ours = ['invalid_client', 'unauthorized_client', 'unsupported_grant_type']
  return error !== undefined && !ours.includes(error)
}
