import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRegistry } from '../../src/registry/registry.js'
import type { Draft } from '../../src/registry/store/store.js'
import { createSubscriptionToken } from '../../src/registry/tokens/subscription-changes.js'
import { createToken } from '../../src/registry/tokens/token-changes.js'
import { newOwnToken } from '../../src/token/own-token.js'
import { newTokenId } from '../../src/token/token-id.js'
import { tokenContract } from '../contract/token-contract.js'
import { has } from '../support/daemons.js'
import { type EtcdCluster, startEtcd } from '../support/etcd.js'
import { openEtcdBench } from './etcd-bench.js'
import { openBench, openStore } from './temporary.js'

tokenContract('LMDB', openBench)

describe.skipIf(!has('etcd', 'etcdctl'))('with a real etcd', () => {
  let cluster: EtcdCluster
  beforeAll(async () => { cluster = await startEtcd() })
  afterAll(() => cluster.close())
  tokenContract('etcd', () => openEtcdBench(cluster))
})

test.each<[string, (draft: Draft, id: string) => Promise<unknown>]>([
  ['own tokens',              (draft, id) => createToken(draft, { digest: newOwnToken().digest, description: '', owner: { kind: 'node' }, permissions: new Map() }, id, 0)],
  ['tokens of subscriptions', (draft, id) => createSubscriptionToken(draft, { digest: newOwnToken().digest, database: 'db', policy: 'rp', name: 's' }, id, 0)],
])('9: to make one of %s costs as many look-ups beside many others as alone', async (_says, make) => {
  const store = await openStore()
  const counted = (id: string) => store.change(async (draft) => {
    let gets = 0
    await make({ ...draft, get: (key) => { gets++; return draft.get(key) } }, id)
    return gets
  })
  const alone = await counted(newTokenId(0))
  for (let i = 1; i < 20; i++) await counted(newTokenId(i))
  expect(await counted(newTokenId(20))).toBe(alone)
})

test('ids are UUIDs of version 7, in the order of time', () => {
  const ids = [0, 1, 255, 1_000, Date.parse('2026-11-27T00:00:00Z'), Date.parse('9999-12-31T00:00:00Z')].map(newTokenId)
  for (const id of ids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  expect([...ids].sort()).toEqual(ids)
  expect(new Set(Array.from({ length: 1_000 }, () => newTokenId(0))).size).toBe(1_000)
})

test.each(['oidc:4711', '_token:0190', '_sub:0190', 'oidc:'])('no new user or role is called %j; who is keeps their name', async (name) => {
  const store = await openStore()
  const registry = createRegistry(store)
  await store.change((draft) => draft.put(['user', name], { hash: 'old' }))
  await registry.createRole('ops')
  const code = 'ERR_REQUEST_INVALID'
  const message = expect.stringMatching(/'s name begins with "(?:oidc|_token|_sub):", which is reserved$/)
  await expect(registry.createUser(`${name}x`, 'hash')).rejects.toMatchObject({ code, message })
  await expect(registry.resetAdmin(`${name}x`, 'hash')).rejects.toMatchObject({ code, message })
  await expect(registry.createRole(name)).rejects.toMatchObject({ code, message })
  await expect(registry.renameRole('ops', name)).rejects.toMatchObject({ code, message })
  await registry.changePassword(name, 'new')
  expect((await registry.getUser(name))?.hash).toBe('new')
  await registry.createUser(name.replace(':', '').replace('_', ''), 'hash')
})
