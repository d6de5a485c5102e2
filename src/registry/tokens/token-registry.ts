import { newTokenId } from '../../token/token-id.js'
import type { RegistryState } from '../registry-state.js'
import type { Draft } from '../store/store.js'
import { noteTokenUse } from './note-token-use.js'
import type { NewSubscriptionToken } from './subscription-changes.js'
import * as subscriptions from './subscription-changes.js'
import type { SubscriptionRecord } from './subscription-record.js'
import type { Changed, NewToken, TokenUpdate } from './token-changes.js'
import * as tokens from './token-changes.js'
import type { TokenRecord } from './token-record.js'

/**
 * Tokens: the registry's own, and those of subscriptions. Who asks makes the secret; here is its digest only. They reject
 * as `Registry` does, and with `ERR_PRIVILEGE_MISSING` for a token that is to grant more than its owner, a user, holds.
 */
export interface TokenRegistry {
  /** See `token-changes.ts`. */
  createToken(token: NewToken): Promise<TokenRecord>
  getToken(id: string): Promise<TokenRecord | undefined>
  updateToken(id: string, update: TokenUpdate): Promise<Changed<TokenRecord>>
  revokeToken(id: string): Promise<Changed<TokenRecord>>

  /** See `subscription-changes.ts`. */
  createSubscriptionToken(token: NewSubscriptionToken): Promise<SubscriptionRecord>
  /** All of them, in the order of their creation; revoked ones, too. */
  listSubscriptionTokens(): Promise<readonly SubscriptionRecord[]>
  getSubscriptionToken(id: string): Promise<SubscriptionRecord | undefined>
  findSubscriptionToken(digest: string): Promise<SubscriptionRecord | undefined>
  revokeSubscriptionToken(id: string): Promise<Changed<SubscriptionRecord>>

  /** Notes that tokens of either kind were used, by their digests: to the hour. No change of them is reported. */
  noteTokenUse(digests: readonly string[]): Promise<void>
}

export function createTokenRegistry(
  read: <T>(work: (state: RegistryState) => Promise<T> | T) => Promise<T>,
  change: <T>(work: (draft: Draft) => Promise<T>) => Promise<T>,
  now: () => number,
): TokenRegistry {
  return {
    createToken(token) {
      const time = now()
      const id = newTokenId(time)
      return change((draft) => tokens.createToken(draft, token, id, time))
    },
    getToken: (id) => read((state) => state.token(id)),
    updateToken: (id, update) => change((draft) => tokens.updateToken(draft, id, update, now())),
    revokeToken: (id) => change((draft) => tokens.revokeToken(draft, id, now())),

    createSubscriptionToken(token) {
      const time = now()
      const id = newTokenId(time)
      return change((draft) => subscriptions.createSubscriptionToken(draft, token, id, time))
    },
    listSubscriptionTokens: () => read((state) => listed(state.subscriptionTokens())),
    getSubscriptionToken: (id) => read((state) => state.subscriptionToken(id)),
    findSubscriptionToken: (digest) => read((state) => state.subscriptionTokenOf(digest)),
    revokeSubscriptionToken: (id) =>
      change((draft) => subscriptions.revokeSubscriptionToken(draft, id, now())),

    noteTokenUse: (digests) => change((draft) => noteTokenUse(draft, digests, now())),
  }
}

async function listed<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}
