import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isAdmin, PERMISSIONS } from '../../src/authz/permission.js'
import { backUp } from '../../src/registry/backup/backup.js'
import { restore } from '../../src/registry/backup/restore.js'
import { hasAdmin } from '../../src/registry/last-admin.js'
import { createRegistry } from '../../src/registry/registry.js'
import { layoutText } from '../../src/registry/store/layout.js'
import type { Store, Value } from '../../src/registry/store/store.js'
import { entriesOf } from '../contract/store-contract.js'
import { has } from '../support/daemons.js'
import { type EtcdCluster, startEtcd } from '../support/etcd.js'
import { openEtcdBench } from './etcd-bench.js'
import { heldOpen } from './held-open.js'
import { openStore, temporaryDirectory } from './temporary.js'

/** Written by the version before layout 2: what an administrator held was the list of all permissions of then. */
const FIXTURES = join(import.meta.dirname, '../fixtures/registry-layout-1')
const EVERY = PERMISSIONS.filter((name) => name !== 'NoPermissions')

function writtenBefore(): string {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'data.mdb'), gunzipSync(readFileSync(join(FIXTURES, 'data.mdb.gz'))))
  return directory
}

/** What the store itself keeps, by the first parts of the key. */
const kept = (store: Store) => store.read(async (snapshot) => {
  const users = (await entriesOf(snapshot, ['user'])).map(({ key, value }) => [key[1], (value as { permissions: Value }).permissions])
  const roles = await Promise.all((await entriesOf(snapshot, ['role'])).map(async ({ key, value }) => [key[1], await snapshot.get(['grants', value as string])]))
  return Object.fromEntries([...users, ...roles])
})

const KEPT = {
  admin: [['', ['all']]],
  byrole: [],
  nearly: [['', EVERY.slice(1)]],
  ondb: [['db', EVERY]],
  reader: [['telegraf', ['ReadData']]],
  admins: [['', ['all']]],
  ops: [['', ['Monitor']]],
}

/** Who is an administrator, and that all the rest is there. */
async function expectUpgraded(store: Store): Promise<void> {
  expect(await kept(store)).toEqual(KEPT)
  const registry = createRegistry(store)
  const admins = []
  for (const name of ['admin', 'byrole', 'nearly', 'ondb', 'reader']) {
    if (isAdmin((await registry.getAccount(name))?.permissions ?? new Map())) admins.push(name)
  }
  expect(admins).toEqual(['admin', 'byrole'])
  expect(await store.read(hasAdmin)).toBe(true)
}

test('A11: a data directory of the version before: its administrators hold all, whatever there will be', async () => {
  const directory = writtenBefore()
  const store = await openStore(directory)
  await expectUpgraded(store)
  const index = await store.read((snapshot) => snapshot.index)
  await store.close()
  const again = await openStore(directory) // now checked for damage, too
  await expectUpgraded(again)
  expect(await again.read((snapshot) => snapshot.index)).toBe(index)
})

test('A11: a backup of the version before', async () => {
  const text = readFileSync(join(FIXTURES, 'backup-v1.jsonl'), 'utf8')
  const store = await openStore()
  const lines = async function* () { yield text.trimEnd().split('\n').map((line) => Buffer.from(line)) }
  await restore(store, lines, { replace: false, withoutAdmin: false })
  await expectUpgraded(store)
  let again = ''
  await backUp(createRegistry(store), async (piece) => { again += piece })
  expect(again).toContain('"user":"admin","hash":"$2b$04$xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","permissions":{"":["all"]},"created":0}')
})

describe('A11: all is kept as all', () => {
  test('from the first administrator on, and is a list again once something is taken away', async () => {
    const store = await openStore()
    const registry = createRegistry(store)
    await registry.createUser('ann', 'hash', new Map([['', new Set(EVERY.slice(1))]]))
    await registry.createUser('bob', 'hash', new Map([['', new Set(PERMISSIONS)]]))
    expect(await kept(store)).toEqual({ ann: [['', EVERY.slice(1)]], bob: [['', ['all', 'NoPermissions']]] })
    await registry.addUserPermissions('ann', new Map([['', new Set([EVERY[0] as never])]]))
    await registry.removeUserPermissions('bob', new Map([['', new Set(['Monitor', 'NoPermissions'])]]))
    expect(await kept(store)).toEqual({ ann: [['', ['all']]], bob: [['', EVERY.filter((name) => name !== 'Monitor')]] })
  })
})

test('D1: a registry of the version before with a member who is not a user is refused', async () => {
  const directory = writtenBefore()
  const before = await openStore(directory)
  await before.change((draft) => draft.remove(['user', 'reader']))
  await before.close()
  await setLayout(directory, 'kapacitor-auth 1')
  await expect(openStore(directory)).rejects.toMatchObject({
    code: 'ERR_STORE_UNAVAILABLE',
    message: 'the registry is damaged: role "ops" has the member "reader", who is not a user: restore it from a backup',
  })
})

test('A11: nothing is rewritten under a process of the version before, which would misread it and write without the check', async () => {
  const directory = writtenBefore()
  const holder = await heldOpen(directory)
  try {
    const file = join(directory, 'data.mdb')
    const before = readFileSync(file)
    await expect(openStore(directory)).rejects.toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
      message: `${file} has layout 1 and is open in another process (id ${holder.pid}): stop it first, then this version can rewrite it`,
    })
    expect(readFileSync(file).equals(before)).toBe(true)
  } finally {
    await holder.end()
  }
  await expectUpgraded(await openStore(directory))
})

async function setLayout(directory: string, layout: string): Promise<void> {
  const { open } = await import('lmdb')
  const root = open({ path: directory, noSubdir: false, maxDbs: 2, overlappingSync: false })
  await root.openDB({ name: 'about', keyEncoding: 'binary', encoding: 'binary', useVersions: true }).put(Buffer.from('layout'), Buffer.from(layout), 0)
  await root.close()
}

describe.skipIf(!has('etcd', 'etcdctl'))('with a real etcd,', () => {
  let cluster: EtcdCluster
  beforeAll(async () => { cluster = await startEtcd() })
  afterAll(() => cluster.close())

  test('A11: what the version before wrote there', async () => {
    const bench = await openEtcdBench(cluster)
    const entries = await (await openStore(writtenBefore())).read((snapshot) => entriesOf(snapshot))
    const old = EVERY as unknown as Value
    await bench.store.change((draft) => {
      for (const { key, value } of entries) draft.put(key, JSON.parse(JSON.stringify(value).replaceAll('["all"]', JSON.stringify(old))))
    })
    expect((await kept(bench.store)).admin).toEqual([['', EVERY]])
    await cluster.ctl('put', `${bench.prefix}layout`, 'kapacitor-auth 1')
    const store = await bench.reopen()
    await expectUpgraded(store)
    expect(await cluster.ctl('get', '--print-value-only', `${bench.prefix}layout`)).toBe(`${layoutText()}\n`)
  })
})
