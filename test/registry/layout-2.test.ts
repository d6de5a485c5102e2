import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { open } from 'lmdb'
import { expect, test } from 'vitest'
import { isAdmin } from '../../src/authz/permission.js'
import { createRegistry } from '../../src/registry/registry.js'
import { layoutText } from '../../src/registry/store/layout.js'
import type { Store } from '../../src/registry/store/store.js'
import { newOwnToken } from '../../src/token/own-token.js'
import { tokenIn, tokensIn } from '../support/registry-tokens.js'
import { heldOpen } from './held-open.js'
import { openStore, temporaryDirectory } from './temporary.js'

/** Written by the version before layout 3, which had no tokens. */
function writtenBefore(): string {
  const directory = temporaryDirectory()
  const file = join(import.meta.dirname, '../fixtures/registry-layout-2/data.mdb.gz')
  writeFileSync(join(directory, 'data.mdb'), gunzipSync(readFileSync(file)))
  return directory
}

const about = (directory: string) => open({ path: directory, noSubdir: false, maxDbs: 2, overlappingSync: false })
async function layoutOf(directory: string): Promise<string> {
  const root = about(directory)
  const database = root.openDB<Buffer, Buffer>({ name: 'about', keyEncoding: 'binary', encoding: 'binary', useVersions: true })
  const layout = String(database.get(Buffer.from('layout')))
  await root.close()
  return layout
}

async function expectAll(store: Store): Promise<void> {
  const registry = createRegistry(store)
  expect(await registry.index()).toBe(7)
  expect(isAdmin((await registry.getAccount('admin'))?.permissions ?? new Map())).toBe(true)
  expect((await registry.getAccount('ann'))?.permissions).toEqual(new Map([['telegraf', new Set(['ReadData'])], ['', new Set(['Monitor'])]]))
  expect((await registry.getUser('_token:old'))?.created).toBe(4)
  expect([await tokensIn(registry), await registry.listSubscriptionTokens()]).toEqual([[], []])
}

test('a data directory of the version before is taken over, with nothing changed but its layout', async () => {
  const directory = writtenBefore()
  expect(await layoutOf(directory)).toBe('kapacitor-auth 2')
  const store = await openStore(directory)
  await expectAll(store)
  await store.close()
  expect(await layoutOf(directory)).toBe(layoutText())
  const again = await openStore(directory)
  await expectAll(again)
  const { digest } = newOwnToken()
  await createRegistry(again).createToken({ digest, description: '', owner: { kind: 'user', name: 'ann' }, permissions: new Map([['telegraf', new Set(['ReadData'] as const)]]) })
  await again.close()
  expect(await tokenIn(createRegistry(await openStore(directory)), digest)).toMatchObject({ ownerCreated: 3 })
})

test('its check is held against it', async () => {
  const directory = writtenBefore()
  const root = about(directory)
  const entries = root.openDB<Buffer, Buffer>({ name: 'entries', keyEncoding: 'binary', encoding: 'binary' })
  await entries.remove(Buffer.from('user\0ann'))
  await root.close()
  await expect(openStore(directory)).rejects.toMatchObject({ message: `${join(directory, 'data.mdb')} is damaged: restore it from a backup, or move it away to start with an empty registry` })
})

test('it is not taken over under a process of the version before, which would leave the tokens of users that it deletes', async () => {
  const directory = writtenBefore()
  const holder = await heldOpen(directory)
  try {
    await expect(openStore(directory)).rejects.toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
      message: `${join(directory, 'data.mdb')} has layout 2 and is open in another process (id ${holder.pid}): stop it first, then this version can rewrite it`,
    })
  } finally {
    await holder.end()
  }
  await expectAll(await openStore(directory))
})
