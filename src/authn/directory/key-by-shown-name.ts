import { SUBSCRIPTION_PREFIX, TOKEN_PREFIX } from '../../authz/shown-name.js'
import { subscriptionKey, tokenKey } from './account-key.js'
import type { Directory } from './directory.js'

/** The digest of the token of that kind and id; undefined if there is none. */
export type DigestOf = (kind: 'token' | 'subscription', id: string) => Promise<string | undefined>

/** The `keyOf` of a directory. */
export function keyByShownName(digestOf: DigestOf): NonNullable<Directory['keyOf']> {
  return async function keyOf(shownName) {
    for (const { prefix, kind, key } of TOKENS) {
      if (!shownName.startsWith(prefix)) continue
      const digest = await digestOf(kind, shownName.slice(prefix.length))
      return digest === undefined ? undefined : key(digest)
    }
    return undefined
  }
}

const TOKENS = [
  { prefix: TOKEN_PREFIX, kind: 'token', key: tokenKey },
  { prefix: SUBSCRIPTION_PREFIX, kind: 'subscription', key: subscriptionKey },
] as const
