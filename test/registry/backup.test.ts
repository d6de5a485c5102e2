import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Permission, Permissions } from '../../src/authz/permission.js'
import { backUp } from '../../src/registry/backup/backup.js'
import { restore } from '../../src/registry/backup/restore.js'
import { ADMIN_PERMISSIONS } from '../../src/registry/first-admin.js'
import { createRegistry, type Registry } from '../../src/registry/registry.js'
import { createStoreDirectory } from '../../src/registry/registry-directory.js'
import { createStore } from '../../src/registry/store/backend.js'
import type { Store } from '../../src/registry/store/store.js'
import { createMemoryBackend } from '../support/memory-backend.js'
import { createTestHasher } from './node-bench.js'
import { openStore } from './temporary.js'

const HASH = '$2b$04$'.padEnd(60, 'x')
const NOW = new Date('2026-11-22T06:37:19.000Z')
const CAREFUL = { replace: false, withoutAdmin: false }
const some = (...names: Permission[]): Permissions => new Map([['', new Set(names)], ['__proto__', new Set(names)]])

const lines = (text: string) => async function* () { yield text.replace(/\n$/, '').split('\n').map((line) => Buffer.from(line)) }

async function textOf(registry: Registry, alsoDo = async () => {}): Promise<string> {
  let text = ''
  await backUp(registry, async (piece) => { text += piece; await alsoDo() }, NOW)
  return text
}

/** An administrator, a user of odd names, a role of 1,203 members and an empty one. */
async function filled(): Promise<{ store: Store; registry: Registry }> {
  const store = await openStore()
  const registry = createRegistry(store)
  await registry.createUser('admin', HASH, ADMIN_PERMISSIONS)
  await registry.createUser('"é:\u2028😀', '', some('ReadData'))
  await registry.createRole('ops')
  await registry.createRole('none')
  await registry.addRolePermissions('ops', some('Monitor', 'KapacitorAPI'))
  const names = Array.from({ length: 1_202 }, (_, i) => `user${i}`)
  await store.change((d) => { for (const name of names) d.put(['user', name], { hash: HASH, permissions: [] }) })
  await registry.addRoleUsers('ops', [...names, 'admin'])
  return { store, registry }
}

/** A backup with another text in it, and a checksum that fits. */
function changed(text: string, from: string | RegExp, to: string): string {
  const body = text.replace(/[^\n]*\n$/, '').replace(from, to)
  return `${body}${JSON.stringify({ end: true, sha256: createHash('sha256').update(body).digest('hex') })}\n`
}

test('what was backed up is restored, to a store of any kind', async () => {
  const { registry } = await filled()
  const text = await textOf(registry)
  expect(JSON.parse(text.split('\n')[0] as string)).toEqual({ backup: 'kapacitor-auth', version: 3, index: await registry.index(), time: NOW.toISOString(), users: 1_204, roles: 2, members: 1_203, tokens: 0, subscriptions: 0 })
  for (const store of [await openStore(), createStore(createMemoryBackend({ index: 1, entries: new Map() }, 128), 1_000)]) {
    const { head } = await restore(store, lines(text), CAREFUL)
    expect(head).toMatchObject({ users: 1_204, roles: 2, members: 1_203 })
    const again = await textOf(createRegistry(store))
    expect(again.split('\n').slice(1, -2)).toEqual(text.split('\n').slice(1, -2))
    await createRegistry(store).addRoleUsers('none', ['user1']) // the registry goes on working
    await expect(createRegistry(store).deleteUser('admin')).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
  }
})

test('a backup is of one state, whatever changes while it is written', async () => {
  const { registry } = await filled()
  let turn = 0
  const text = await textOf(registry, async () => { if (turn++ === 0) { await registry.deleteUser('user1'); await registry.createUser('zoe', HASH) } })
  expect(turn).toBeGreaterThan(1)
  expect(text).toContain('"user":"user1"')
  expect(text).not.toContain('zoe')
  await restore(await openStore(), lines(text), CAREFUL)
})

test('the index after a restore is beyond the backup’s and beyond the old one', async () => {
  const { registry } = await filled()
  const index = await registry.index()
  const text = await textOf(registry)
  const store = await openStore()
  await restore(store, lines(text), CAREFUL)
  expect(await store.read((s) => s.index)).toBe(index + 1)
  await restore(store, lines(text), { ...CAREFUL, replace: true })
  expect(await store.read((s) => s.index)).toBe(index + 2)
})

test('who watches hears that anybody may have changed', async () => {
  const { registry } = await filled()
  const store = await openStore()
  const heard: unknown[] = []
  createStoreDirectory(store, createTestHasher()).watch?.((name) => heard.push(name))
  await restore(store, lines(await textOf(registry)), CAREFUL)
  expect(heard).toEqual([undefined])
})

test('an empty registry is restored only when asked for, for it has no administrator', async () => {
  const text = await textOf(createRegistry(await openStore()))
  const store = await openStore()
  await expect(restore(store, lines(text), CAREFUL)).rejects.toThrow(/nobody in the backup holds all permissions/)
  await restore(store, lines(text), { ...CAREFUL, withoutAdmin: true })
})

test('somebody who is an administrator through a role is one', async () => {
  const registry = createRegistry(await openStore())
  await registry.createUser('ann', HASH, new Map([['', new Set(['Monitor'] as const)]]))
  await registry.createRole('all')
  const rest = new Map([['', new Set([...(ADMIN_PERMISSIONS.get('') ?? [])].filter((name) => name !== 'Monitor'))]])
  await registry.addRolePermissions('all', rest)
  await registry.addRoleUsers('all', ['ann'])
  const text = await textOf(registry)
  await restore(await openStore(), lines(text), CAREFUL)
  const alone = changed(text.replace(/\{"members".*\n/, ''), '"members":1', '"members":0')
  await expect(restore(await openStore(), lines(alone), CAREFUL)).rejects.toThrow(/holds all permissions/)
})

describe('a registry that is not empty', () => {
  test('is replaced only when asked for', async () => {
    const { registry } = await filled()
    const text = await textOf(registry)
    const store = await openStore()
    const other = createRegistry(store)
    await other.createUser('bob', HASH)
    await other.createRole('devs')
    await other.addRoleUsers('devs', ['bob'])
    await expect(restore(store, lines(text), CAREFUL)).rejects.toMatchObject({ code: 'ERR_CONFLICT', message: 'the registry is not empty (1 user, 1 role): give --replace to restore, and lose what is there' })
    expect((await other.getUser('bob'))?.hash).toBe(HASH)
    await restore(store, lines(text), { ...CAREFUL, replace: true })
    expect(await other.getUser('bob')).toBeUndefined()
    expect((await textOf(other)).split('\n').slice(1, -2)).toEqual(text.split('\n').slice(1, -2))
  })
})

describe('a backup is refused, with the line, and nothing changes', () => {
  const cut = (text: string, count: number) => text.split('\n').slice(0, count).join('\n')

  test.each<[string, (text: string) => string, RegExp]>([
    ['empty',                            () => '',                                                              /^this is not a backup of kapacitor-auth$/],
    ['cut off after the head',           (text) => cut(text, 1),                                                /^the backup is cut off: its end is missing after line 1$/],
    ['cut off between lines',            (text) => cut(text, 700),                                              /^the backup is cut off: its end is missing after line 700$/],
    ['cut off within a line',            (text) => text.slice(0, 5_000),                                        /^line \d+: not JSON: the file was cut off or changed$/],
    ['without its end',                  (text) => text.replace(/[^\n]*\n$/, ''),                               /^the backup is cut off: .* after line 1210$/],
    ['with one letter changed',          (text) => text.replace('"user":"user7"', '"user":"user7!"'),           /^line 1211: the checksum does not match/],
    ['with a line missing',              (text) => text.replace(/\{"user":"user7".*\n/, ''),                    /^line 1210: the checksum does not match/],
    ['with something behind',            (text) => `${text}{"user":"eve","hash":""}\n`,                         /^line 1212: something follows the end$/],
    ['of another program',               () => '{"a":1}\n',                                                     /^line 1: this is not a backup of kapacitor-auth$/],
    ['of text',                          () => 'hello\n',                                                       /^this is not a backup of kapacitor-auth$/],
    ['of a newer version',               (text) => changed(text, '"version":3', '"version":4'),                 /^line 1: the backup has version 4, 1 to 3 can be read here$/],
    ['of no version',                    (text) => changed(text, '"version":3', '"version":1.5'),               /^line 1: the backup has version 1.5, 1 to 3 can be read here$/],
    ['with another count',               (text) => changed(text, '"users":1204', '"users":1205'),               /^the backup has 1204 users, 2 roles, 1203 memberships, but line 1 says 1205 users/],
    ['of more changes than can be',      (text) => changed(text, /"index":\d+/, '"index":100000000000001'), /^line 1: "index" is too large$/],
    ['with a count that is none',        (text) => changed(text, '"users":1204', '"users":"1204"'),             /^line 1: "users" is not a number$/],
    ['with a user twice',                (text) => changed(text, /(\{"user":"user7".*\n)/, '$1$1'),             /^line \d+: user "user7" is there twice$/],
    ['with users out of order',          (text) => changed(text, '"user":"admin"', '"user":"zzz"'),             /^line 4: user "user0" does not come after "zzz"$/],
    ['with a user behind roles',         (text) => changed(text, /$/, '{"user":"zzz","hash":""}\n'),            /^line 1211: a user after the roles$/],
    ['with a member who is not a user',  (text) => changed(text, '["admin",', '["adam","admin",'),              /^role "ops" has the member "adam", who is not a user of the backup$/],
    ['with members of another role',     (text) => changed(text, '"of":"ops"', '"of":"none"'),                  /^line \d+: members of "none" do not follow that role$/],
    ['with a permission nobody knows',   (text) => changed(text, '"Monitor"', '"Moniter"'),                     /^line \d+: unknown permission "Moniter", did you mean "Monitor"\?$/],
    ['with an impossible name',          (text) => changed(text, '"user":"user7"', '"user":"user7\\u0000"'),    /^line \d+: a name in "user" holds a control character$/],
    ['with a user without a hash',       (text) => changed(text, /("user":"user7"),"hash":"[^"]*"/, '$1'),      /^line \d+: "hash" is not a text$/],
    ['with a creation that is none',     (text) => changed(text, '"created":0', '"created":-1'),                /^line \d+: "created" is not a number$/],
    ['with a line of something else',    (text) => changed(text, '"user":"user7"', '"usr":"user7"'),            /^line \d+: neither user, role, members, token nor end$/],
  ])('%s', async (_says, change, message) => {
    const { registry } = await filled()
    const store = await openStore()
    const text = change(await textOf(registry))
    const error: Error = await restore(store, lines(text), CAREFUL).then(() => { throw new Error('restored') }, (reason) => reason)
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('$2b$')
    expect(await store.read((s) => s.index)).toBe(1)
  })

  test('that changes between the two readings', async () => {
    const { registry } = await filled()
    const store = await openStore()
    const text = await textOf(registry)
    let reading = 0
    const open = () => lines(reading++ === 0 ? text : changed(text, 'Monitor', 'ManageQuery'))()
    await expect(restore(store, open, CAREFUL)).rejects.toThrow('the backup was changed while it was read')
    expect(await store.read((s) => s.index)).toBe(1)
    expect(await createRegistry(store).getUser('admin')).toBeUndefined()
  })
})
