import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ADMIN_PERMISSIONS } from '../../src/authz/permission.js'
import { backUp } from '../../src/registry/backup/backup.js'
import { restore } from '../../src/registry/backup/restore.js'
import { importRegistry } from '../../src/registry/import/import-registry.js'
import { createRegistry, type Registry } from '../../src/registry/registry.js'
import { createStore } from '../../src/registry/store/backend.js'
import { newOwnToken, newSubscriptionToken } from '../../src/token/own-token.js'
import { createMemoryBackend } from '../support/memory-backend.js'
import { tokensIn } from '../support/registry-tokens.js'
import { openStore } from './temporary.js'

const CAREFUL = { replace: false, withoutAdmin: false }
const lines = (text: string) => async function* () { yield text.trimEnd().split('\n').map((line) => Buffer.from(line)) }

async function textOf(registry: Registry): Promise<string> {
  let text = ''
  await backUp(registry, async (piece) => { text += piece })
  return text
}

/** Two tokens, one of them revoked, and two of subscriptions. */
async function filled() {
  const store = await openStore()
  const registry = createRegistry(store)
  await registry.createUser('admin', 'hash', ADMIN_PERMISSIONS)
  await registry.createUser('ann', 'hash')
  const [one, two, sub] = [newOwnToken(), newOwnToken(), newSubscriptionToken()]
  const permissions = new Map([['db', new Set(['ReadData'] as const)]])
  const first = await registry.createToken({ digest: one.digest, description: 'é"', owner: { kind: 'user', name: 'admin' }, permissions, expiresAt: Date.now() + 1e9 })
  await registry.createToken({ digest: two.digest, description: '', owner: { kind: 'subject', issuer: 'https://sso', subject: 's', roles: ['ops'] }, permissions })
  await registry.createToken({ digest: newOwnToken().digest, description: 'old', owner: { kind: 'user', name: 'ann' }, permissions: new Map() })
  await registry.createSubscriptionToken({ digest: sub.digest, database: 'db', policy: 'rp', name: 's', gateway: 'gw' })
  const gone = await registry.createSubscriptionToken({ digest: newSubscriptionToken().digest, database: 'db', policy: 'rp', name: 't' })
  await registry.noteTokenUse([one.digest, sub.digest])
  await registry.revokeSubscriptionToken(gone.id)
  await registry.deleteUser('ann')
  return { store, registry, secrets: [one.token, two.token, sub.token], first }
}
const all = async (registry: Registry) => [await tokensIn(registry), await registry.listSubscriptionTokens()]

test('tokens are backed up without their secrets, and restored, to a store of any kind', async () => {
  const { registry, secrets } = await filled()
  const text = await textOf(registry)
  for (const secret of secrets) expect(text).not.toContain(secret.replace('kapa1_', ''))
  expect(JSON.parse(text.split('\n')[0] as string)).toMatchObject({ version: 3, tokens: 3, subscriptions: 2 })
  for (const store of [await openStore(), createStore(createMemoryBackend({ index: 1, entries: new Map() }, 128), 1_000)]) {
    await restore(store, lines(text), CAREFUL)
    const again = createRegistry(store)
    expect(await all(again)).toEqual(await all(registry))
    expect((await textOf(again)).split('\n').slice(1, -2)).toEqual(text.split('\n').slice(1, -2))
  }
})

test('a registry that has tokens only is not empty', async () => {
  const { registry } = await filled()
  const store = await openStore()
  await createRegistry(store).createToken({ digest: newOwnToken().digest, description: '', owner: { kind: 'node' }, permissions: new Map() })
  await expect(restore(store, lines(await textOf(registry)), CAREFUL)).rejects.toMatchObject({ message: 'the registry is not empty (0 users, 0 roles, 1 token): give --replace to restore, and lose what is there' })
})

test('an import leaves tokens alone', async () => {
  const { store, registry } = await filled()
  const before = await all(registry)
  const exported = { users: [{ name: 'admin', hash: 'new', permissions: ADMIN_PERMISSIONS }], roles: [] }
  await importRegistry(store, exported, { existing: 'replace', dryRun: false, withoutAdmin: false })
  expect((await registry.getUser('admin'))?.hash).toBe('new')
  expect(await all(registry)).toEqual(before)
})

test('a backup of version 2, as the version before wrote it, has no tokens', async () => {
  const text = readFileSync(join(import.meta.dirname, '../fixtures/registry-layout-2/backup-v2.jsonl'), 'utf8')
  const store = await openStore()
  expect((await restore(store, lines(text), CAREFUL)).head).toMatchObject({ version: 2, users: 3, tokens: 0, subscriptions: 0 })
  expect(await createRegistry(store).getUser('_token:old')).toMatchObject({ created: 4 }) // who is called so stays so
})

/** A backup with another text in it, and a checksum that fits. */
function changed(text: string, from: string | RegExp, to: string): string {
  const body = text.replace(/[^\n]*\n$/, '').replace(from, to)
  return `${body}${JSON.stringify({ end: true, sha256: createHash('sha256').update(body).digest('hex') })}\n`
}

test.each<[string, (text: string) => string, RegExp]>([
  ['a token in a backup of version 2', (text) => changed(text, '"version":3', '"version":2'),                     /neither user, role, members, token nor end$/],
  ['another count of tokens',         (text) => changed(text, '"tokens":3', '"tokens":2'),                         /has 1 user, 0 roles, 0 memberships, 3 tokens, 2 subscription tokens, but line 1 says .*2 tokens/],
  ['no count of tokens',              (text) => changed(text, '"tokens":3,', ''),                                  /^line 1: "tokens" is not a number$/],
  ['not an id',                       (text) => changed(text, /"token":"[^"]*"/, '"token":"1"'),                   /: "token" is not an id$/],
  ['not a digest',                    (text) => changed(text, /"digest":"[^"]*"/, '"digest":"kapa1_x"'),           /: "digest" is not a SHA-256$/],
  ['a digest twice',                  (text) => changed(text, /("digest":")([^"]*)(".*\n.*"digest":")[^"]*/, '$1$2$3$2'), /: two tokens have the same digest$/],
  ['not an owner',                    (text) => changed(text, '"kind":"subject"', '"kind":"nobody"'),              /: "owner" is not one$/],
  ['an owner since never',            (text) => changed(text, /"ownerCreated":\d+/, '"ownerCreated":"x"'),         /: "ownerCreated" is not a number$/],
  ['not a time',                      (text) => changed(text, /"expires":\d+/, '"expires":-1'),                    /: "expires" is not a time$/],
  ['no time',                         (text) => changed(text, /"created":\d{13},?/, ''),                           /: "created" is not a time$/],
  ['not a description',               (text) => changed(text, '"description":""', '"description":1'),              /: "description" is not a text$/],
  ['an unknown permission',           (text) => changed(text, '"db":["ReadData"]', '"db":["ReedData"]'),           /: unknown permission "ReedData"/],
  ['a subscription without a policy', (text) => changed(text, '"policy":"rp"', '"policy":""'),                     /: a name in "policy" is empty$/],
  ['tokens out of order',             (text) => changed(text, /(\{"token".*\n)(\{"token".*\n)/, '$2$1'),           /: token "[\da-f-]+" does not come after "[\da-f-]+"$/],
  ['a token behind subscriptions',    (text) => changed(text, /(\{"token".*\n)((?:.*\n)*)$/, '$2$1'),              /: a token after the subscriptions$/],
])('a backup with %s is refused, and nothing changes', async (_says, change, message) => {
  const { registry } = await filled()
  const store = await openStore()
  const error: Error = await restore(store, lines(change(await textOf(registry))), CAREFUL).then(() => { throw new Error('restored') }, (reason) => reason)
  expect(error.message).toMatch(message)
  expect(error.message).not.toMatch(/[\da-f]{64}/)
  expect(await store.read((snapshot) => snapshot.index)).toBe(1)
})
