import { expect, test } from 'vitest'
import { CLUSTER, isAdmin } from '../../src/authz/permission.js'
import { ensureAdmin } from '../../src/meta-node/first-admin.js'
import { createRegistry } from '../../src/meta-node/registry.js'
import { createTestHasher } from './node-bench.js'
import { openStore } from './temporary.js'

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

test('leaves a registry with users alone, whoever they are', async () => {
  const { registry, hasher } = await open()
  await registry.createUser('ann', 'hash')
  expect(await ensureAdmin(registry, hasher, { username: 'ann', password: 'changeit', cost: 4 })).toEqual({ created: false })
  expect(await ensureAdmin(registry, hasher, { username: 'admin', cost: 4 })).toEqual({ created: false })
  expect(await registry.getUser('admin')).toBeUndefined()
  expect((await registry.getUser('ann'))?.hash).toBe('hash')
  expect(hasher.hashed).toBe(0)
})

test('makes one administrator, however many ask at once', async () => {
  const { registry, hasher } = await open()
  const made = await Promise.all(Array.from({ length: 5 }, (_, i) => ensureAdmin(registry, hasher, { username: `admin${i}`, cost: 4 })))
  expect(made.filter(({ created }) => created).length).toBe(1)
})

test.each([
  ['',               'changeit',         "the administrator's name is empty"],
  ['a\nb',           'changeit',         "the administrator's name holds a control character"],
  ['x'.repeat(256),  'changeit',         "the administrator's name is 256 bytes long, 255 are allowed"],
  ['admin',          '',                 "the administrator's password must be 1 to 72 bytes long, without NUL"],
  ['admin',          'x'.repeat(73),     "the administrator's password must be 1 to 72 bytes long, without NUL"],
  ['admin',          'a\0b',             "the administrator's password must be 1 to 72 bytes long, without NUL"],
])('refuses the name %j with the password %j', async (username, password, message) => {
  const { registry, hasher } = await open()
  await expect(ensureAdmin(registry, hasher, { username, password, cost: 4 })).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID', message })
  expect(await registry.index()).toBe(1)
})
