import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isAdmin } from '../../src/authz/permission.js'
import { ADMIN_PERMISSIONS } from '../../src/registry/first-admin.js'
import { openLmdbStore } from '../../src/registry/lmdb/lmdb-store.js'
import { createRegistry } from '../../src/registry/registry.js'
import { createStoreDirectory } from '../../src/registry/registry-directory.js'
import type { Store } from '../../src/registry/store/store.js'
import { createTestHasher } from '../registry/node-bench.js'
import { start, temporaryDirectory } from '../support/program.js'

const HASH = '$2b$04$'.padEnd(60, 'x')
let directory: ReturnType<typeof temporaryDirectory>
let store: Store
beforeEach(async () => {
  directory = temporaryDirectory()
  store = await openLmdbStore(join(directory.path, 'meta')) // as a server has it open
  const registry = createRegistry(store)
  await registry.createUser('admin', HASH, ADMIN_PERMISSIONS)
  await registry.createUser('ann', HASH, new Map([['db', new Set(['ReadData'] as const)]]))
})
afterEach(async () => {
  await store.close()
  directory.remove()
})

async function reset(args: string[], env: Record<string, string> = {}) {
  const program = start(['meta', 'reset-admin', '--data-dir', directory.path, ...args], { KAPACITOR_CONFIG_PATH: '', KAPACITOR_META_BCRYPT_COST: '4', ...env })
  program.child.stdin.end()
  return { code: await program.end(), stdout: program.stdout(), stderr: program.stderr() }
}

async function signsIn(name: string, password: string): Promise<boolean> {
  return (await createStoreDirectory(store, createTestHasher()).checkPassword?.(name, password)) ?? false
}
const held = async (name: string) => (await createRegistry(store).getUser(name))?.permissions ?? new Map()

describe('C6: a lost administrator', () => {
  test.each([
    // who is reset                  flags                    name     said
    ['has a new password',           [],                      'admin', 'user "admin" has a new password and holds all permissions'],
    ['may be another user',          ['--username', 'ann'],   'ann',   'user "ann" has a new password and holds all permissions'],
    ['may be somebody new',          ['--username', 'root'],  'root',  'user "root" was created as an administrator'],
  ])('%s, while a server runs, and leaves a line in the audit log', async (_says, flags, name, said) => {
    const audit = join(directory.path, 'audit.log')
    const heard: unknown[] = []
    createStoreDirectory(store, createTestHasher()).watch?.((user) => heard.push(user))
    const { code, stdout, stderr } = await reset(['--generate', '--yes', ...flags], { KAPACITOR_AUDIT_ENABLED: 'true', KAPACITOR_AUDIT_PATH: audit })
    expect([code, stderr]).toEqual([0, `${said}\n`])
    const password = stdout.trim()
    expect(password).toMatch(/^[\da-f]{32}$/)
    expect(await signsIn(name, password)).toBe(true)
    expect(isAdmin(await held(name))).toBe(true)
    expect((await held('ann')).get('db')).toEqual(new Set(['ReadData']))
    await expect.poll(() => heard).toContain(name)
    const line = readFileSync(audit, 'utf8')
    expect(JSON.parse(line)).toMatchObject({ event: 'change', outcome: 'made', via: 'command', command: 'meta reset-admin', change: 'reset-admin', subject: 'user', name, after: { permissions: { '': expect.arrayContaining(['KapacitorAPI', 'ViewAdmin']) } } })
    expect(JSON.parse(line).before).toEqual(name === 'root' ? undefined : { permissions: expect.any(Object) })
    expect(line).not.toContain(password)
  })

  test.each([
    // says                            flags                                                  message
    ['without being asked',            ['--generate'],                                        /^kapacitor-auth: there is no terminal to ask on; to give user "admin" in .* a new password and all permissions, add --yes\n$/],
    ['without a password',             ['--yes'],                                             /^kapacitor-auth: no new password for user "admin": there is no terminal to ask on/],
    ['by a password that is empty',    ['--yes', '--new-password-stdin'],                     /^kapacitor-auth: --new-password-stdin: it is empty\n$/],
    ['under an impossible name',       ['--yes', '--generate', '--username', 'a:b'],          /^kapacitor-auth: --username "a:b" holds a colon/],
    ['by two passwords',               ['--yes', '--generate', '--new-password-stdin'],       /^kapacitor-auth: use only one of --new-password-file/],
  ])('is not reset %s', async (_says, flags, message) => {
    const { code, stdout, stderr } = await reset(flags)
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(message)])
    expect((await createRegistry(store).getUser('admin'))?.hash).toBe(HASH)
  })

  test('is not reset to a password that is too short', async () => {
    writeFileSync(join(directory.path, 'pw'), 'short\n', { mode: 0o600 })
    const { code, stderr } = await reset(['--yes', '--new-password-file', join(directory.path, 'pw')], { KAPACITOR_META_PASSWORD_MIN_LENGTH: '8' })
    expect([code, stderr]).toEqual([1, 'kapacitor-auth: the password is 5 characters long, at least 8 are needed\n'])
  })
})
