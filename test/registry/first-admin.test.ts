import { expect, test } from 'vitest'
import { CLUSTER, isAdmin } from '../../src/authz/permission.js'
import { ensureAdmin } from '../../src/registry/first-admin.js'
import { createRegistry } from '../../src/registry/registry.js'
import { createTestHasher } from './node-bench.js'
import { openBench, openStore } from './temporary.js'

async function open() {
  const store = await openStore()
  return { store, registry: createRegistry(store), hasher: createTestHasher() }
}

test('gives an empty registry an administrator with a password that nobody can guess', async () => {
  const { registry, hasher } = await open()
  const made = await ensureAdmin(registry, hasher, { username: 'admin', cost: 4 })
  if (!made.created) throw new Error('nothing was made')
  expect(made.password).toMatch(/^[\da-z]{24,}$/)
  const admin = await registry.getUser('admin')
  expect(isAdmin(admin?.permissions ?? new Map())).toBe(true)
  expect(admin?.permissions.get(CLUSTER)?.size).toBe(18)
  expect(admin?.hash).toMatch(/^\$2[ab]\$04\$/)
  expect(await hasher.compare(made.password, admin?.hash ?? '')).toBe(true)
})

test('makes another password every time', async () => {
  const passwords = new Set<string>()
  for (let i = 0; i < 5; i++) {
    const { registry, hasher } = await open()
    const made = await ensureAdmin(registry, hasher, { username: 'admin', cost: 4 })
    if (made.created) passwords.add(made.password)
  }
  expect(passwords.size).toBe(5)
})

test('takes the password that it is given', async () => {
  const { registry, hasher } = await open()
  expect(await ensureAdmin(registry, hasher, { username: 'root', password: 'changeit', cost: 4 })).toEqual({ created: true, password: 'changeit' })
  expect(await hasher.compare('changeit', (await registry.getUser('root'))?.hash ?? '')).toBe(true)
})

test('leaves a registry with any users alone', async () => {
  const { registry, hasher } = await open()
  await registry.createUser('ann', 'hash')
  expect(await ensureAdmin(registry, hasher, { username: 'ann', password: 'changeit', cost: 4 })).toEqual({ created: false, announced: false })
  expect(await ensureAdmin(registry, hasher, { username: 'admin', cost: 4 })).toEqual({ created: false, announced: false })
  expect(await registry.getUser('admin')).toBeUndefined()
  expect((await registry.getUser('ann'))?.hash).toBe('hash')
  expect(hasher.hashed).toBe(0)
})

test('makes one administrator, however many ask at once', async () => {
  const { registry, hasher } = await open()
  const made = await Promise.all(Array.from({ length: 5 }, (_, i) => ensureAdmin(registry, hasher, { username: `admin${i}`, cost: 4 })))
  expect(made.filter(({ created }) => created).length).toBe(1)
})

/** Two nodes over the same data, as they start together. */
async function openTwo() {
  const bench = await openBench()
  return { hasher: createTestHasher(), registries: [createRegistry(bench.store), createRegistry(await bench.another())] as const }
}

test('tells one password only, and the right one, however many nodes start at once', async () => {
  for (let i = 0; i < 10; i++) {
    const { hasher, registries } = await openTwo()
    const told: string[] = []
    const announce = async (password: string) => { told.push(password); await new Promise(setImmediate) }
    const made = await Promise.all(registries.map((registry) => ensureAdmin(registry, hasher, { username: 'admin', cost: 4, announce })))
    expect(made.map(({ created }) => created).sort()).toEqual([false, true])
    expect(told).toHaveLength(1)
    expect(await hasher.compare(told[0] as string, (await registries[0].getUser('admin'))?.hash ?? '')).toBe(true)
  }
})

test('takes over from a node that was killed in between, and not before', async () => {
  const { hasher, registries: [dead, alive] } = await openTwo()
  await dead.claimFirstUser('dead')
  const waits: number[] = []
  const made = await ensureAdmin(alive, hasher, { username: 'admin', cost: 4, wait: async (ms) => waits.push(ms) })
  expect(made.created).toBe(true)
  expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(10_000)
})

test('says so when it was taken for dead, and what it told does not count', async () => {
  const { hasher, registries: [slow, quick] } = await openTwo()
  const announce = async () => { await ensureAdmin(quick, hasher, { username: 'admin', password: 'quick', cost: 4, wait: async () => {} }) }
  expect(await ensureAdmin(slow, hasher, { username: 'admin', password: 'slow', cost: 4, announce })).toEqual({ created: false, announced: true })
  expect(await hasher.compare('quick', (await slow.getUser('admin'))?.hash ?? '')).toBe(true)
})

test('makes none when nobody can be told, and leaves it to the next at once', async () => {
  const { registry, hasher } = await open()
  const announce = () => Promise.reject(new Error('no terminal'))
  await expect(ensureAdmin(registry, hasher, { username: 'admin', cost: 4, announce })).rejects.toThrow('no terminal')
  const wait = () => Promise.reject(new Error('it waits'))
  expect((await ensureAdmin(registry, hasher, { username: 'admin', cost: 4, wait })).created).toBe(true)
})

test.each([
  ['',               'changeit',         "the administrator's name is empty"],
  ['a\nb',           'changeit',         "the administrator's name holds a control character"],
  ['x'.repeat(256),  'changeit',         "the administrator's name is 256 bytes long, 255 are allowed"],
  ['admin',          '',                 "the administrator's password must be 1 to 72 bytes long, without NUL"],
  ['admin',          'x'.repeat(73),     "the administrator's password must be 1 to 72 bytes long, without NUL"],
  ['admin',          `kapa1_${'0a'.repeat(32)}`, "the administrator's password has the form of an own token (kapa1_ and 64 hexadecimal digits), so nobody could sign in with it"],
  ['admin',          'a\0b',             "the administrator's password must be 1 to 72 bytes long, without NUL"],
])('refuses the name %j with the password %j', async (username, password, message) => {
  const { registry, hasher } = await open()
  await expect(ensureAdmin(registry, hasher, { username, password, cost: 4 })).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID', message })
  expect(await registry.index()).toBe(1)
})
