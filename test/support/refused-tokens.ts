import { ADMIN_PERMISSIONS, type Permissions } from '../../src/authz/permission.js'
import type { TokenOwner } from '../../src/authz/user.js'
import { createRegistry } from '../../src/registry/registry.js'
import type { Store } from '../../src/registry/store/store.js'
import { newOwnToken, newSubscriptionToken } from '../../src/token/own-token.js'

/** A token, and what the audit log is to say of it when it is refused. */
export interface TestToken {
  readonly token: string
  readonly digest: string
  readonly id?: string
  readonly reason?: string
}

export type TokenCase = 'good' | 'revoked' | 'expired' | 'owner deleted' | 'owner gone' | 'owner not listed' | 'unknown'
export type SubscriptionCase = 'subscription revoked' | 'subscription unknown'

const READ: Permissions = new Map([['db', new Set(['ReadData'] as const)]])
const DAY = 86_400_000
const user = (name: string): TokenOwner => ({ kind: 'user', name })

/** Fills a new registry with users and with a token of every fate; an hour and a day ago, so that nobody has to wait. */
export async function fillWithTokens(store: Store): Promise<Record<TokenCase | SubscriptionCase, TestToken>> {
  let past = 2 * DAY
  const registry = createRegistry(store, undefined, () => Date.now() - past)
  await registry.createUser('admin', 'hash', ADMIN_PERMISSIONS)
  for (const name of ['ann', 'bob', 'carl']) await registry.createUser(name, 'hash', READ)
  async function make(owner: TokenOwner, reason?: string, expiresAt?: number): Promise<Required<Pick<TestToken, 'id'>> & TestToken> {
    const { token, digest } = newOwnToken()
    const { id } = await registry.createToken({ digest, description: '', owner, permissions: READ, expiresAt })
    return { token, digest, id, ...(reason && { reason }) }
  }
  const tokens = {
    good: await make({ kind: 'node' }),
    revoked: await make(user('ann'), 'revoked'),
    expired: await make(user('ann'), 'expired', Date.now() - DAY),
    'owner deleted': await make(user('bob'), 'revoked'), // with their user
    'owner gone': await make(user('carl'), 'owner gone'),
    'owner not listed': await make({ kind: 'subject', issuer: 'https://sso', subject: 'mia' }, 'owner not listed'),
    unknown: { ...newOwnToken(), reason: 'unknown' },
  }
  const subscription = newSubscriptionToken()
  const { id } = await registry.createSubscriptionToken({ digest: subscription.digest, database: 'db', policy: 'rp', name: 's' })
  past = 0
  await registry.revokeToken(tokens.revoked.id)
  await registry.revokeSubscriptionToken(id)
  await registry.deleteUser('bob')
  await store.change((draft) => draft.remove(['user', 'carl'])) // as an older version did
  return {
    ...tokens,
    'subscription revoked': { ...subscription, id, reason: 'revoked' },
    'subscription unknown': { ...newSubscriptionToken(), reason: 'unknown' },
  }
}
