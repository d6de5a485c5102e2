/** What is asked for besides: an ID token, who it is (Entra's `oid`), and a refresh token. */
const USUAL = ['openid', 'profile', 'offline_access']

/**
 * The texts for `scope` to try, in order. Where a profile has no scopes, or only those of one application at Entra
 * (`…/.default`), the usual ones are added; a provider that does not know them is asked once more without.
 */
export function scopesToTry(own: readonly string[]): readonly string[] {
  const isBare = own.every((scope) => scope.endsWith('/.default'))
  const written = own.join(' ')
  return isBare ? [[...own, ...USUAL].join(' '), written] : [written]
}
