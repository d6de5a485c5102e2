import { describe, expect, test } from 'vitest'
import { roleKey, subjectKey, subscriptionKey, tokenKey } from '../../src/authn/directory/account-key.js'
import { createMetaDirectory } from '../../src/authn/directory/meta-directory.js'
import type { Permission, Permissions } from '../../src/authz/permission.js'
import { ALL, READ, WRITE } from '../../src/authz/privilege.js'
import { AuthError } from '../../src/errors.js'
import type { ChangedAccounts } from '../../src/meta-client/changes/change-event.js'
import type { ChangeListener, RoleDocument, UserDocument } from '../../src/meta-client/client.js'
import type { UsableSubscriptionDocument, UsableTokenDocument } from '../../src/meta-client/documents/token-lookup.js'
import { accountIn } from '../support/account-in.js'
import { createManualClock, settle } from '../support/manual-clock.js'

const ROLES = 1_000

const permissions = (granted: Record<string, Permission[]>): Permissions =>
  new Map(Object.entries(granted).map(([scope, names]) => [scope, new Set(names)]))

const user = (name: string, granted: Record<string, Permission[]> = {}, hash = 'hash'): UserDocument =>
  ({ name, hash, permissions: permissions(granted) })

const role = (name: string, users: string[], granted: Record<string, Permission[]>): RoleDocument =>
  ({ name, users, permissions: permissions(granted) })

const usersChanged = (users: string[]): ChangedAccounts => ({ users, tokens: [], subscriptions: [], roles: [] })

/** A meta client whose answers are in the test's hand. */
function setUp(users: UserDocument[], roles: RoleDocument[] = [], tokens: Record<string, UsableTokenDocument> = {}, subscriptions: Record<string, UsableSubscriptionDocument> = {}) {
  const now = createManualClock()
  const state = { users, roles, tokens, subscriptions, asked: [] as string[], down: false, gate: Promise.resolve(), listener: undefined as ChangeListener | undefined }
  const answer = async <T>(path: string, value: () => T): Promise<T> => {
    state.asked.push(path)
    const snapshot = value()
    await state.gate
    if (state.down) throw new AuthError('ERR_META_UNAVAILABLE', 'meta node unavailable')
    return snapshot
  }
  const client = {
    user: (name: string) => answer(`/user?name=${name}`, () => state.users.find((u) => u.name === name)),
    roles: () => answer('/role', () => state.roles),
    token: (digest: string) => answer(`/token?${digest}`, () => state.tokens[digest]),
    subscriptionToken: (digest: string) => answer(`/subscription?${digest}`, () => state.subscriptions[digest]),
    authorized: (name: string, password: string) => answer(`/authorized?name=${name}`, () => password === 'right'),
    watch: (listener: ChangeListener) => {
      state.listener = listener
      return { reportedUntil: 0, up: true, index: 1, events: 0, close: () => { state.listener = undefined } }
    },
    subscription: undefined,
    close: () => {},
  }
  const directory = createMetaDirectory(client, { rolesInterval: ROLES, now })
  const count = (path: string) => state.asked.filter((p) => p === path).length
  /** Answers wait until it is called. */
  const hold = () => {
    let release = () => {}
    state.gate = new Promise((resolve) => {
      release = resolve
    })
    return release
  }
  return { now, state, client, directory, count, hold }
}

describe('an account is the user\'s document, joined with the roles that name the user', () => {
  const roles = [
    role('writers',  ['ann', 'bob'],        { telegraf: ['WriteData'] }),
    role('readers',  ['ann'],               { telegraf: ['ReadData'] }),
    role('authors',  ['cid'],               { '': ['KapacitorAPI'] }),
    role('idle',     [],                    { '': ['KapacitorConfigAPI'] }),
    role('odd',      ['__proto__'],         { '': ['KapacitorAPI'] }),
  ]
  const users = [
    user('ann', { '': ['KapacitorConfigAPI'] }), user('bob'), user('cid'), user('dan'),
    user('an'), user('Ann'), user('__proto__'), user('constructor'),
  ]

  test.each<[string, string, string, number | undefined]>([
    // says                                     name           resource                    privilege
    ['what the user is granted',                'ann',         '/api/config',              ALL],
    ['what roles are granted, joined',          'ann',         '/database/telegraf_clean', READ | WRITE],
    ['what one role is granted',                'bob',         '/database/telegraf_clean', WRITE],
    ['KapacitorAPI through a role',             'cid',         '/api',                     ALL],
    ['nothing from a role of others',           'cid',         '/database/telegraf_clean', undefined],
    ['nothing from a role without members',     'bob',         '/api/config',              undefined],
    ['nothing without role and permission',     'dan',         '/api',                     undefined],
    ['nothing for a part of a member\'s name',  'an',          '/database/telegraf_clean', undefined],
    ['nothing for a name in another case',      'Ann',         '/database/telegraf_clean', undefined],
    ['a name that objects have by birth',       '__proto__',   '/api',                     ALL],
    ['another such name',                       'constructor', '/api',                     undefined],
  ])('%s', async (_says, name, resource, privilege) => {
    const { directory } = setUp(users, roles)
    const account = accountIn(await directory.find(name))
    expect(account?.user.name).toBe(name)
    expect(account?.user.privileges.get(resource)).toBe(privilege)
  })

  test('roles do not make a user of a name', async () => {
    expect(await setUp([], roles).directory.find('ann')).toBeUndefined()
    expect(await setUp([], roles).directory.find('__proto__')).toBeUndefined()
  })

  test('the documents are left as they are', async () => {
    const { directory } = setUp(users, roles)
    await directory.find('ann')
    expect(users[0]?.permissions).toEqual(permissions({ '': ['KapacitorConfigAPI'] }))
    expect(roles[0]?.permissions).toEqual(permissions({ telegraf: ['WriteData'] }))
  })

  test('an account without a hash has none', async () => {
    expect(accountIn(await setUp([user('lea', {}, '')]).directory.find('lea'))?.hash).toBe('')
  })
})

describe('the roles are asked for', () => {
  const users = Array.from({ length: 100 }, (_, i) => user(`user${i}`))

  test('once for all look-ups of an interval, however many at a time', async () => {
    const { now, directory, count } = setUp(users)
    await Promise.all(users.map(({ name }) => directory.find(name)))
    now.advance(ROLES - 1)
    await directory.find('user0')
    expect(count('/role')).toBe(1)
    now.advance(1)
    await directory.find('user0')
    expect(count('/role')).toBe(2)
  })

  test('again after the interval though the answer is still under way: it would be too old', async () => {
    const { now, state, directory, count, hold } = setUp(users, [role('r', ['user1'], { '': ['KapacitorAPI'] })])
    const release = hold()
    const early = directory.find('user1')
    now.advance(ROLES)
    state.roles = []
    const late = directory.find('user1')
    release()
    expect(accountIn(await early)?.user.privileges.size).not.toBe(0)
    expect(accountIn(await late)?.user.privileges.size).toBe(0)
    expect(count('/role')).toBe(2)
  })

  test('again after a failure, which is nobody\'s but those who waited for it', async () => {
    const { state, directory, count, hold } = setUp(users)
    const release = hold()
    state.down = true
    const failing = [directory.find('user0'), directory.find('user1')].map((p) => p.catch((e: AuthError) => e.code))
    await settle()
    release()
    expect(await Promise.all(failing)).toEqual(['ERR_META_UNAVAILABLE', 'ERR_META_UNAVAILABLE'])
    state.down = false
    expect(await directory.find('user0')).toBeDefined()
    expect(count('/role')).toBe(2)
  })

  test('a late failure does not take a newer answer away', async () => {
    const { now, state, directory, count, hold } = setUp(users)
    const release = hold()
    const early = directory.find('user0').catch((e: AuthError) => e.code)
    await settle()
    now.advance(ROLES)
    state.gate = Promise.resolve()
    await directory.find('user1')
    state.down = true
    release()
    expect(await early).toBe('ERR_META_UNAVAILABLE')
    state.down = false
    await directory.find('user2')
    expect(count('/role')).toBe(2)
  })
})

test.each<[string, 'right' | 'wrong', boolean]>([
  ['yes', 'right', true],
  ['no',  'wrong', false],
])('the meta node\'s %s to a password is passed on', async (_says, password, expected) => {
  const { directory, state } = setUp([])
  expect(await directory.checkPassword('lea', password)).toBe(expected)
  expect(state.asked).toEqual(['/authorized?name=lea'])
})

test('what is not known is not a "no"', async () => {
  const { directory, state } = setUp([user('ann')])
  state.down = true
  await expect(directory.find('ann')).rejects.toMatchObject({ status: 503 })
  await expect(directory.find('nobody')).rejects.toMatchObject({ status: 503 })
  await expect(directory.checkPassword('ann', 'right')).rejects.toMatchObject({ status: 503 })
})

describe('changes', () => {
  test('are passed on, name by name', () => {
    const { state, directory } = setUp([])
    const heard: unknown[] = []
    const stop = directory.watch?.((name) => heard.push(name))
    state.listener?.(usersChanged(['ann', 'bob']))
    state.listener?.(usersChanged([]))
    state.listener?.(undefined)
    expect(heard).toEqual(['ann', 'bob', undefined])
    stop?.()
    expect(state.listener).toBeUndefined()
  })

  test('let nobody be judged by roles from before them, be they still under way', async () => {
    const { state, directory, count, hold } = setUp([user('ann'), user('bob')], [role('ops', ['ann', 'bob'], { '': ['KapacitorAPI'] })])
    directory.watch?.(() => {})
    const release = hold()
    const early = directory.find('ann')
    state.roles = []
    state.listener?.(usersChanged(['bob']))
    const late = directory.find('bob')
    release()
    expect(accountIn(await early)?.permissions.size).toBe(1)
    expect(accountIn(await late)?.permissions.size).toBe(0)
    expect(count('/role')).toBe(2)
  })

  test('are not listened to if nobody wants them', () => {
    const { client } = setUp([])
    const { watch, reportedUntil } = createMetaDirectory(client, { push: false })
    expect([watch, reportedUntil]).toEqual([undefined, undefined])
  })
})

test.each([-1, Number.NaN])('an interval of %d is refused', (rolesInterval) => {
  expect(() => createMetaDirectory({} as never, { rolesInterval })).toThrow(/^rolesInterval must/)
})

describe('an account says where its permissions come from', () => {
  const roles = [role('writers', ['ann', 'bob'], { telegraf: ['WriteData'] }), role('idle', ['ann'], {})]

  test('from the user, then from each role, nothing copied', async () => {
    const { directory, state } = setUp([user('ann', { '': ['KapacitorAPI'] }), user('bob')], roles)
    const account = accountIn(await directory.find('ann'))
    expect(account?.grants?.map(({ role }) => role)).toEqual([undefined, 'writers', 'idle'])
    expect(account?.grants?.[0]?.permissions).toBe(state.users[0]?.permissions)
    expect(account?.grants?.[1]?.permissions).toBe(roles[0]?.permissions)
    expect(accountIn(await directory.find('bob'))?.grants?.map(({ role }) => role)).toEqual([undefined, 'writers'])
  })

  test('without roles there is nothing to say', async () => {
    const { directory } = setUp([user('dan', { '': ['KapacitorAPI'] })], roles)
    expect(accountIn(await directory.find('dan'))?.grants).toBeUndefined()
  })

  test('accounts found at different times share what a role grants, until it grants something else', async () => {
    const { directory, state, now } = setUp([user('ann'), user('bob')], [role('writers', ['ann', 'bob'], { telegraf: ['WriteData'] })])
    const granted = async (name: string) => accountIn(await directory.find(name))?.grants?.[1]?.permissions
    const first = await granted('ann')
    now.advance(ROLES)
    state.roles = [role('writers', ['ann', 'bob'], { telegraf: ['WriteData'] })]
    expect(await granted('bob')).toBe(first)
    for (const changed of [{ telegraf: ['ReadData'] }, { other: ['WriteData'] }, {}, { telegraf: ['WriteData'], other: ['WriteData'] }, { telegraf: ['WriteData'] }, { telegraf: ['WriteData', 'ReadData'] }] as Record<string, Permission[]>[]) {
      now.advance(ROLES)
      state.roles = [role('writers', ['ann', 'bob'], changed)]
      expect(await granted('bob')).toEqual(permissions(changed))
    }
  })
})

test('several may watch, over one subscription; it ends with the last', () => {
  const { directory, state } = setUp([])
  const heard: string[] = []
  const stops = ['one', 'two'].map((who) => directory.watch?.((name) => heard.push(`${who} ${name}`)))
  state.listener?.(usersChanged(['ann']))
  expect(heard).toEqual(['one ann', 'two ann'])
  stops[0]?.()
  state.listener?.(undefined)
  expect(heard.slice(2)).toEqual(['two undefined'])
  stops[1]?.()
  expect(state.listener).toBeUndefined()
})

describe('tokens', () => {
  const digest = 'd'.repeat(64)
  const token: UsableTokenDocument = { id: 'id', owner: { kind: 'user', name: 'ann' }, permissions: permissions({ telegraf: ['ReadData'] }), lifetime: 5_000 }
  const found = () => setUp([], [role('ops', [], { '': ['Monitor'] })], { [digest]: token }, { [digest]: { id: 'sub', database: 'db', policy: 'rp' } })

  test('are found by their keys, and nothing else is asked for', async () => {
    const { directory, state } = found()
    expect(await directory.find(tokenKey(digest))).toMatchObject({
      hash: '', lifetime: 5_000, permissions: token.permissions,
      user: { kind: 'token', name: '_token:id', tokenId: 'id', account: tokenKey(digest), owner: token.owner },
    })
    expect(await directory.find(subscriptionKey(digest))).toMatchObject({ user: { kind: 'subscription', name: '_sub:sub', policy: 'rp' }, permissions: permissions({ db: ['WriteData'] }) })
    expect(state.asked).toEqual([`/token?${digest}`, `/subscription?${digest}`])
  })

  test.each([
    ['another token',              tokenKey('e'.repeat(64))],
    ['another subscription',       subscriptionKey('e'.repeat(64))],
    ['a role',                     roleKey('ops')],
    ['a subject',                  subjectKey({ issuer: 'https://idp', subject: 'ann', roles: ['ops'] })],
  ])('nobody is found by the key of %s', async (_says, key) => {
    expect(await found().directory.find(key)).toBeUndefined()
  })

  test('what is not known is not a "no"', async () => {
    const { directory, state } = found()
    state.down = true
    for (const key of [tokenKey(digest), subscriptionKey(digest)]) await expect(directory.find(key)).rejects.toMatchObject({ status: 503 })
    await expect(directory.role?.('ops')).rejects.toMatchObject({ status: 503 })
  })

  test('what a role grants, and that there is none', async () => {
    const { directory } = found()
    expect(await directory.role?.('ops')).toEqual(permissions({ '': ['Monitor'] }))
    expect(await directory.role?.('toString')).toBeUndefined()
  })

  test('changes of them are told by their keys', () => {
    const { directory, state } = found()
    const heard: unknown[] = []
    directory.watch?.((key) => heard.push(key))
    state.listener?.({ users: ['ann'], tokens: [digest], subscriptions: ['e'], roles: ['ops'] })
    expect(heard).toEqual(['ann', tokenKey(digest), subscriptionKey('e'), roleKey('ops')])
  })
})
