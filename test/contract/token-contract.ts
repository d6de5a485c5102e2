import { describe, expect, test } from 'vitest'
import { roleKey, subscriptionKey, tokenKey } from '../../src/authn/directory/account-key.js'
import { ADMIN_PERMISSIONS, type Permission, type Permissions } from '../../src/authz/permission.js'
import type { TokenOwner } from '../../src/authz/user.js'
import { createRegistry, type Registry } from '../../src/registry/registry.js'
import { createStoreDirectory } from '../../src/registry/registry-directory.js'
import type { Store } from '../../src/registry/store/store.js'
import { MOST_TOKENS } from '../../src/registry/tokens/token-limits.js'
import { writeToken } from '../../src/registry/tokens/token-record.js'
import { newOwnToken } from '../../src/token/own-token.js'
import { UNKNOWN_TOKEN } from '../../src/token/refused-token.js'
import { newTokenId } from '../../src/token/token-id.js'
import { createTestHasher } from '../registry/node-bench.js'
import { accountIn } from '../support/account-in.js'
import { tokenIn, tokensIn } from '../support/registry-tokens.js'
import { until } from '../support/until.js'
import type { StoreBench } from './store-contract.js'

const on = (scope: string, ...names: Permission[]): Permissions => new Map([[scope, new Set(names)]])
const ANN: TokenOwner = { kind: 'user', name: 'ann' }
const SUBJECT: TokenOwner = { kind: 'subject', issuer: 'https://sso', subject: 'ann', roles: ['ops'] }
const HOUR = 3_600_000
const START = Date.parse('2026-11-27T22:30:00Z')

/** What every store's registry does with tokens. */
export function tokenContract(name: string, open: () => Promise<StoreBench>): void {
  async function setUp() {
    const bench = await open()
    const time = { now: START }
    const now = () => time.now
    const registryOf = (store: Store): Registry => createRegistry(store, undefined, now)
    const registry = registryOf(bench.store)
    const directory = createStoreDirectory(bench.store, createTestHasher(), now)
    await registry.createUser('admin', 'hash', ADMIN_PERMISSIONS)
    await registry.createUser('ann', 'hash', on('db', 'ReadData', 'WriteData'))
    await registry.createRole('ops')
    await registry.addRolePermissions('ops', on('', 'Monitor'))
    await registry.addRoleUsers('ops', ['ann'])
    const make = async (owner: TokenOwner = ANN, permissions = on('db', 'ReadData'), expiresAt?: number) => {
      const { digest } = newOwnToken()
      return registry.createToken({ digest, description: 'x', owner, permissions, expiresAt })
    }
    const subscribe = () => registry.createSubscriptionToken({ digest: newOwnToken().digest, database: 'db', policy: 'rp', name: 's', gateway: 'gw' })
    const granted = async (digest: string) => accountIn(await directory.find(tokenKey(digest)))?.permissions
    return { ...bench, registry, registryOf, directory, time, make, subscribe, granted }
  }

  describe(`tokens in ${name}:`, () => {
    test('are kept across a restart, in the order of their creation', async () => {
      const { make, subscribe, reopen, registryOf, time } = await setUp()
      const made = []
      for (const owner of [SUBJECT, ANN, { kind: 'node' } as const]) {
        made.push(await make(owner, on('db', 'ReadData'), START + HOUR))
        time.now += 1
      }
      const subscription = await subscribe()
      const again = registryOf(await reopen())
      expect(await tokensIn(again)).toEqual(made)
      expect(await tokensIn(again, ANN)).toEqual([made[1]])
      expect(await tokensIn(again, { kind: 'subject', issuer: 'https://sso', subject: 'ann' })).toEqual([made[0]]) // whatever the roles
      expect(await tokensIn(again, { kind: 'user', name: 'admin' })).toEqual([])
      expect(await again.getToken(made[1]?.id ?? '')).toEqual(made[1])
      expect(await tokenIn(again, made[1]?.digest ?? '')).toEqual(made[1])
      expect(await again.listSubscriptionTokens()).toEqual([subscription])
      expect(await again.getSubscriptionToken(subscription.id)).toEqual(subscription)
    })

    test('grant what their owner holds now', async () => {
      const { make, granted, registry } = await setUp()
      const { digest } = await make(ANN, new Map([...on('db', 'ReadData', 'WriteData'), ...on('', 'Monitor')]))
      expect(await granted(digest)).toEqual(new Map([['db', new Set(['ReadData', 'WriteData'])], ['', new Set(['Monitor'])]]))
      await registry.removeUserPermissions('ann', on('db', 'WriteData'))
      await registry.removeRoleUsers('ops', ['ann'])
      expect(await granted(digest)).toEqual(on('db', 'ReadData'))
    })

    test.each<[string, TokenOwner, Permissions, string]>([
      // says                              owner                              permissions                 code
      ['more than the owner holds',        ANN,                               on('db2', 'ReadData'),      'ERR_PRIVILEGE_MISSING'],
      ['on all databases',                 ANN,                               on('', 'ReadData'),         'ERR_PRIVILEGE_MISSING'],
      ['to nobody',                        { kind: 'user', name: 'nobody' },  new Map(),                  'ERR_NOT_FOUND'],
      ['to a user who cannot be one',      { kind: 'user', name: 'a\0' },     new Map(),                  'ERR_NOT_FOUND'],
      ['to a subject without an issuer',   { kind: 'subject', issuer: '', subject: 's' }, new Map(),      'ERR_REQUEST_INVALID'],
    ])('none is given %s', async (_says, owner, permissions, code) => {
      const { make, registry } = await setUp()
      await expect(make(owner, permissions)).rejects.toMatchObject({ code })
      expect(await tokensIn(registry)).toEqual([])
    })

    test('a digest is taken once', async () => {
      const { make, registry } = await setUp()
      const { digest } = await make()
      await expect(registry.createToken({ digest, description: 'y', owner: { kind: 'node' }, permissions: new Map() })).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
    })

    test('one that has expired is not found any more; it stays listed', async () => {
      const { make, directory, time, registry } = await setUp()
      const { digest } = await make(ANN, on('db', 'ReadData'), START + HOUR)
      time.now = START + HOUR - 1
      expect(await directory.find(tokenKey(digest))).toMatchObject({ lifetime: 1 })
      time.now++
      expect(accountIn(await directory.find(tokenKey(digest)))).toBeUndefined()
      expect(await tokensIn(registry)).toMatchObject([{ digest, revokedAt: undefined }])
    })

    test('a revoked one stays listed, and is revoked once', async () => {
      const { make, granted, time, registry } = await setUp()
      const { id, digest } = await make()
      time.now += 5
      await registry.revokeToken(id)
      time.now += 5
      expect(await registry.revokeToken(id)).toMatchObject({ before: { revokedAt: START + 5 }, after: { revokedAt: START + 5 } })
      expect(await granted(digest)).toBeUndefined()
      expect(await tokensIn(registry)).toMatchObject([{ id, revokedAt: START + 5 }])
      await expect(registry.updateToken(id, { description: 'y' })).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
    })

    type Bench = Awaited<ReturnType<typeof setUp>>
    const day = (bench: Bench) => bench.make(ANN, on('db', 'ReadData'), START + HOUR)

    test.each<[string, (bench: Bench) => Promise<{ id: string; digest: string }>, (bench: Bench, id: string) => unknown, string]>([
      // says                                     made        then                                                                                           reason
      ['one that was revoked',                    day,        ({ registry }, id) => registry.revokeToken(id),                                                'revoked'],
      ['one that has expired',                    day,        ({ time }) => { time.now += HOUR },                                                            'expired'],
      ['one that was revoked, and would have expired', day,   ({ registry, time }, id) => { time.now += HOUR; return registry.revokeToken(id) },             'revoked'],
      ['one of a deleted user, revoked with them', day,       ({ registry }) => registry.deleteUser('ann'),                                                  'revoked'],
      ['one of a user whom an older version deleted', day,    ({ store }) => store.change((draft) => draft.remove(['user', 'ann'])),                         'owner gone'],
      ['one of their namesake',                   day,        async ({ store, registry, time }) => { await store.change((draft) => draft.remove(['user', 'ann'])); time.now++; await registry.createUser('ann', 'hash') }, 'owner gone'],
      ['one of a user who is gone, and expired',  day,        ({ store, time }) => { time.now += HOUR; return store.change((draft) => draft.remove(['user', 'ann'])) }, 'expired'],
    ])('what a directory says of %s', async (_says, create, then, reason) => {
      const bench = await setUp()
      const { id, digest } = await create(bench)
      await then(bench, id)
      expect(await bench.directory.find(tokenKey(digest))).toEqual({ id, reason })
    })

    test('and of the token of a subscription', async () => {
      const { subscribe, registry, directory } = await setUp()
      const { id, digest } = await subscribe()
      await registry.revokeSubscriptionToken(id)
      expect(await directory.find(subscriptionKey(digest))).toEqual({ id, reason: 'revoked' })
      // one kind is not found as the other
      expect(await directory.find(tokenKey(digest))).toEqual({ reason: 'unknown' })
    })

    test("a deleted user's are revoked in the same change, and stay so for another of the name", async () => {
      const { make, granted, registry, store } = await setUp()
      const { digest } = await make()
      const { digest: subjects } = await make(SUBJECT)
      const index = await store.read((snapshot) => snapshot.index)
      await registry.deleteUser('ann')
      expect(await store.read((snapshot) => snapshot.index)).toBe(index + 1)
      await registry.createUser('ann', 'hash', ADMIN_PERMISSIONS)
      expect([await granted(digest), await granted(subjects)]).toEqual([undefined, on('db', 'ReadData')])
      expect(await tokensIn(registry, ANN)).toMatchObject([{ digest, revokedAt: START }])
    })

    test("a thousand of a deleted user's are revoked in one change", async () => {
      const { make, registry, store } = await setUp()
      const first = await make()
      const more = Array.from({ length: MOST_TOKENS - 1 }, () => ({ ...first, id: newTokenId(START), digest: newOwnToken().digest }))
      for (let at = 0; at < more.length; at += 30) {
        await store.change((draft) => { for (const token of more.slice(at, at + 30)) writeToken(draft, token) })
      }
      const index = await store.read((snapshot) => snapshot.index)
      await registry.deleteUser('ann')
      expect(await store.read((snapshot) => snapshot.index)).toBe(index + 1)
      const tokens = await tokensIn(registry, ANN)
      expect([tokens.length, tokens.filter(({ revokedAt }) => revokedAt === START).length]).toEqual([MOST_TOKENS, MOST_TOKENS])
    })

    test('another user of the name does not get those that an older version left', async () => {
      const { make, granted, registry, store } = await setUp()
      const { digest } = await make()
      await store.change((draft) => draft.remove(['user', 'ann']))
      await registry.createUser('ann', 'hash', ADMIN_PERMISSIONS)
      expect(await granted(digest)).toBeUndefined()
    })

    test('there are a thousand of one owner; then the oldest dead one goes, or nothing does', async () => {
      const { registry, store } = await setUp()
      const digests = Array.from({ length: MOST_TOKENS }, () => newOwnToken().digest)
      const of = (digest: string) => ({ digest, description: '', owner: ANN, permissions: new Map() })
      const [first = '', second = '', ...rest] = digests
      const { id } = await registry.createToken(of(second))
      await registry.createToken(of(first))
      await store.change(async (draft) => {
        const { createToken } = await import('../../src/registry/tokens/token-changes.js')
        for (const digest of rest.slice(0, 100)) await createToken(draft, of(digest), newTokenId(START), START)
      })
      for (let at = 100; at < rest.length; at += 100) {
        await store.change((draft) => {
          for (const digest of rest.slice(at, at + 100)) draft.put(['token-of', 'user', 'ann', `z${digest}`], first)
        })
      }
      await expect(registry.createToken(of(newOwnToken().digest))).rejects.toMatchObject({ code: 'ERR_CONFLICT', message: 'user ann has 1000 tokens already, which is the limit: revoke one' })
      await registry.createToken({ ...of(newOwnToken().digest), owner: { kind: 'node' } }) // others go on
      await registry.revokeToken(id)
      const made = await registry.createToken(of(newOwnToken().digest))
      expect([await registry.getToken(id), await tokenIn(registry, second), (await registry.getToken(made.id))?.id]).toEqual([undefined, undefined, made.id])
    })

    test.each<[string, (bench: Awaited<ReturnType<typeof setUp>>) => Promise<(string | undefined)[]>]>([
      ['a new token',                   async ({ make }) => [tokenKey((await make()).digest)]],
      ['a new subscription token',      async ({ subscribe }) => [subscriptionKey((await subscribe()).digest)]],
      ['a role that a subject may have', async ({ registry }) => { await registry.addRolePermissions('ops', on('', 'DropData')); return ['ann', roleKey('ops')] }],
    ])('%s is told', async (_says, change) => {
      const bench = await setUp()
      const heard: (string | undefined)[] = []
      bench.directory.watch?.((key) => heard.push(key))
      expect(await change(bench)).toEqual(heard)
    })

    test('the changes that concern a token are told by its key, and its use is not', async () => {
      const { make, subscribe, registry, directory, time } = await setUp()
      const [token, subscription] = [await make(), await subscribe()]
      const [key, subscriptionsKey] = [tokenKey(token.digest), subscriptionKey(subscription.digest)]
      const heard: (string | undefined)[] = []
      directory.watch?.((told) => heard.push(told))
      const toldOf = async (change: () => Promise<unknown>) => { heard.length = 0; await change(); return [...heard] }
      time.now += HOUR
      expect(await toldOf(() => registry.noteTokenUse([token.digest, subscription.digest]))).toEqual([])
      expect(await toldOf(() => registry.updateToken(token.id, { description: 'y' }))).toEqual([key])
      expect(await toldOf(() => registry.updateToken(token.id, { description: 'y' }))).toEqual([])
      expect(await toldOf(() => registry.addUserPermissions('ann', on('', 'DropData')))).toEqual(['ann', key])
      expect(await toldOf(() => registry.removeRolePermissions('ops', on('', 'Monitor')))).toEqual(['ann', roleKey('ops'), key])
      expect(await toldOf(() => registry.removeRoleUsers('ops', ['ann']))).toEqual(['ann', key])
      expect(await toldOf(() => registry.changePassword('admin', 'new'))).toEqual(['admin'])
      expect(await toldOf(() => registry.revokeSubscriptionToken(subscription.id))).toEqual([subscriptionsKey])
      expect(await toldOf(() => registry.deleteUser('ann'))).toEqual([key, 'ann'].sort((a, b) => (a === 'ann' ? -1 : b === 'ann' ? 1 : 0)))
    })

    test('the last use is noted to the hour, once, behind the request', async () => {
      const { make, subscribe, registry, directory, time, store } = await setUp()
      const [token, subscription] = [await make(), await subscribe()]
      const uses = async () => [(await registry.getToken(token.id))?.lastUsedAt, (await registry.getSubscriptionToken(subscription.id))?.lastUsedAt]
      const find = () => Promise.all([directory.find(tokenKey(token.digest)), directory.find(subscriptionKey(subscription.digest))])
      expect(await uses()).toEqual([undefined, undefined])
      await find()
      const hour = START - (START % HOUR)
      await until(async () => (await uses()).every((use) => use === hour))
      const index = await store.read((snapshot) => snapshot.index)
      time.now += 1_000
      await find()
      await registry.noteTokenUse([token.digest, subscription.digest, 'f'.repeat(64), ''])
      expect(await store.read((snapshot) => snapshot.index)).toBe(index)
      time.now += HOUR
      await registry.revokeSubscriptionToken(subscription.id)
      await find()
      await registry.noteTokenUse([token.digest, subscription.digest])
      await until(async () => (await uses())[0] === hour + HOUR)
      expect((await uses())[1]).toBe(hour)
    })

    test('what is not a digest, an id or a known one finds nothing', async () => {
      const { registry, directory } = await setUp()
      for (const text of ['', 'x', '__proto__', 'a'.repeat(64), 'A'.repeat(64), '\ud800']) {
        expect([await tokenIn(registry, text), await registry.getToken(text), await registry.findSubscriptionToken(text), await registry.getSubscriptionToken(text)]).toEqual([undefined, undefined, undefined, undefined])
        expect([await directory.find(tokenKey(text)), await directory.find(subscriptionKey(text))]).toEqual([UNKNOWN_TOKEN, UNKNOWN_TOKEN])
        await expect(registry.revokeToken(text)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
        await expect(registry.revokeSubscriptionToken(text)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
      }
    })
  })
}
