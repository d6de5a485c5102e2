import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import { expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import { openLmdbStore } from '../../src/registry/lmdb/lmdb-store.js'
import { LAYOUT, layoutText, writtenByNewer } from '../../src/registry/store/layout.js'
import { openStore, temporaryDirectory } from './temporary.js'
import { transpiled } from './transpiled.js'

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)

/** A registry with some data, closed. */
async function made(): Promise<{ directory: string; file: string }> {
  const directory = join(temporaryDirectory(), 'meta')
  const store = await openStore(directory)
  await store.change((d) => { for (let i = 0; i < 500; i++) d.put(['user', `user${i}`], 'x'.repeat(100)) })
  await store.close()
  return { directory, file: join(directory, 'data.mdb') }
}

async function refusal(directory: string): Promise<AuthError> {
  try {
    await (await openLmdbStore(directory)).close()
  } catch (error) {
    expect(error).toBeInstanceOf(AuthError)
    expect((error as AuthError).message).not.toContain('\n')
    return error as AuthError
  }
  throw new Error('it was opened')
}

const count = async (directory: string) => {
  const store = await openStore(directory)
  const n = await store.read(async (s) => { let n = 0; for await (const _ of s.range(['user'])) n++; return n })
  await store.close()
  return n
}

test('makes the directory and its parents, for its owner only', async () => {
  const directory = join(temporaryDirectory(), 'a/b.c/meta')
  await openStore(directory)
  for (const made of [directory, join(directory, '..'), join(directory, '../..')]) expect(mode(made)).toBe('700')
  const child = join(temporaryDirectory(), 'meta')
  await openStore(child)
  expect(mode(child)).toBe('700')
  expect(mode(join(directory, 'data.mdb'))).toBe('600')
  expect(mode(join(directory, 'lock.mdb'))).toBe('600')
})

test('takes its files out of sight of others, however they were restored', async () => {
  const { directory, file } = await made()
  chmodSync(file, 0o644)
  await openStore(directory)
  expect(mode(file)).toBe('600')
})

test('leaves the mode of a directory that is there', async () => {
  const directory = join(temporaryDirectory(), 'meta')
  mkdirSync(directory)
  chmodSync(directory, 0o750)
  await openStore(directory)
  expect(mode(directory)).toBe('750')
})

test('follows a link to a directory', async () => {
  const { directory } = await made()
  const link = join(temporaryDirectory(), 'link')
  symlinkSync(directory, link)
  expect(await count(link)).toBe(500)
})

test('opens with an empty data file, as a kill at the very start leaves it', async () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'data.mdb'), '')
  writeFileSync(join(directory, 'lock.mdb'), '')
  expect(await count(directory)).toBe(0)
})

const page = (directory: string) => readFileSync(join(directory, 'data.mdb'))
const write = (directory: string, offset: number, bytes: number[] | Buffer) => {
  const content = page(directory)
  Buffer.from(bytes as Buffer).copy(content, offset)
  writeFileSync(join(directory, 'data.mdb'), content)
}

test.each<[string, (directory: string) => void, string]>([
  ['text',                                 (d) => writeFileSync(join(d, 'data.mdb'), 'hello'),                         'is not the data file of a registry, or is damaged'],
  ['a picture of the right size',          (d) => writeFileSync(join(d, 'data.mdb'), Buffer.alloc(40_960, 0x89)),      'is not the data file of a registry, or is damaged'],
  ['nothing but zeros',                    (d) => writeFileSync(join(d, 'data.mdb'), Buffer.alloc(40_960)),            'is not the data file of a registry, or is damaged'],
  ['nothing in it any more',               (d) => truncateSync(join(d, 'data.mdb'), 0),                                'is empty, and not from a first start that was interrupted'],
  ['nothing in it, and no lock file',      (d) => { truncateSync(join(d, 'data.mdb'), 0); rmSync(join(d, 'lock.mdb')) }, 'is empty, and not from a first start that was interrupted'],
  ['half a first page',                    (d) => truncateSync(join(d, 'data.mdb'), 100),                              'is not the data file of a registry, or is damaged'],
  ['a first page only',                    (d) => truncateSync(join(d, 'data.mdb'), 4096),                             'is not the data file of a registry, or is damaged'],
  ['a wrong magic number',                 (d) => write(d, 24, [0, 0, 0, 0]),                                          'is not the data file of a registry, or is damaged'],
  ['a wrong magic number in the other',    (d) => write(d, 4096 + 24, [0, 0, 0, 0]),                                   'is not the data file of a registry, or is damaged'],
  ['an impossible page size',              (d) => write(d, 48, [1, 2, 3, 4]),                                          'is not the data file of a registry, or is damaged'],
  ['another data format',                  (d) => write(d, 28, [1, 0, 0, 0]),                                          'has LMDB data format 1, not 2'],
  ['its second half missing',              (d) => truncateSync(join(d, 'data.mdb'), 8 * 4096),                         'is cut short'],
  ['its last used page missing',           (d) => truncateSync(join(d, 'data.mdb'), page(d).length - 4096 * 4),        'is cut short'],
])('D1: refuses a data file with %s', async (_says, damage, message) => {
  const { directory, file } = await made()
  damage(directory)
  const error = await refusal(directory)
  expect(error.code).toBe('ERR_CONFIG_INVALID')
  expect(error.message).toBe(`${file} ${message}: restore it from a backup, or move it away to start with an empty registry`)
})

test('opens a file whose missing end was never needed', async () => {
  const { directory, file } = await made()
  const store = await openStore(directory)
  // Pages that are free before the big one comes, so that what follows is not put behind it
  for (let i = 0; i < 20; i++) await store.change((d) => d.put(['n'], i))
  await store.change((d) => d.put(['big'], 'x'.repeat(400_000)))
  await store.change((d) => d.remove(['big']))
  for (let i = 0; i < 5; i++) await store.change((d) => d.put(['n'], i))
  await store.close()
  truncateSync(file, statSync(file).size - 20 * 4096)
  expect(await count(directory)).toBe(500)
  const again = await openStore(directory)
  await again.change((d) => d.put(['big'], 'x'.repeat(400_000)))
  expect(await again.read((s) => s.get(['n']))).toBe(4)
})

test("refuses another program's LMDB files", async () => {
  for (const name of ['main', 'about']) {
    const directory = temporaryDirectory()
    const root = open({ path: directory, noSubdir: false, maxDbs: 3, overlappingSync: false })
    await root.openDB({ name }).put('layout', 'mine')
    if (name === 'about') await root.openDB({ name, keyEncoding: 'binary', encoding: 'binary' }).put(Buffer.from('layout'), Buffer.from('12345678mine'))
    await root.close()
    const error = await refusal(directory)
    expect(error.code).toBe('ERR_CONFIG_INVALID')
    expect(error.message).toContain(`${join(directory, 'data.mdb')} is not the data file of a registry: `)
  }
})

test('refuses what a newer version wrote, and leaves it alone', async () => {
  const { directory, file } = await made()
  const root = open({ path: directory, noSubdir: false, maxDbs: 3, overlappingSync: false })
  const about = root.openDB({ name: 'about', keyEncoding: 'binary', encoding: 'binary', useVersions: true })
  await about.put(Buffer.from('layout'), Buffer.from(layoutText(LAYOUT + 1)), 0)
  await root.close()
  const error = await refusal(directory)
  expect(error.code).toBe('ERR_CONFIG_INVALID')
  expect(error.message).toBe(`${file} ${writtenByNewer(LAYOUT + 1)}`)
  expect((await refusal(directory)).message).toBe(error.message)
})

test.each<[string, (root: string) => string, string, string]>([
  ['a file',                     (root) => { writeFileSync(join(root, 'f'), ''); return join(root, 'f') },                'ERR_CONFIG_INVALID',    'is a file: name a directory'],
  ['below a file',               (root) => { writeFileSync(join(root, 'f'), ''); return join(root, 'f/meta') },           'ERR_STORE_UNAVAILABLE', 'cannot be made: a part of the path is a file'],
  ['where nothing can be made',  () => '/proc/kapacitor-auth/meta',                                                       'ERR_STORE_UNAVAILABLE', 'cannot be used: ENOENT'],
  ['with a directory as file',   (root) => { mkdirSync(join(root, 'data.mdb')); return root },                            'ERR_STORE_UNAVAILABLE', 'cannot be opened: EISDIR'],
])('refuses a path that is %s', async (_says, make, code, message) => {
  const path = make(temporaryDirectory())
  const error = await refusal(path)
  expect(error.code).toBe(code)
  expect(error.message).toContain(`${path} ${message}`)
})

test('refuses a directory that it may not write to, in one line', async () => {
  const src = transpiled()
  const readable = temporaryDirectory()
  chmodSync(readable, 0o755)
  const { directory } = await made()
  chmodSync(directory, 0o755)
  chmodSync(join(directory, '..'), 0o755)
  const program = `
    import { openLmdbStore } from ${JSON.stringify(join(src, 'registry/lmdb/lmdb-store.js'))}
    if (process.getuid() === 0) process.setuid(65534)
    for (const path of ${JSON.stringify([join(readable, 'meta'), readable, directory])})
      await openLmdbStore(path).then(() => console.log('opened'), (error) => console.log(error.code, error.message))
  `
  if (process.getuid?.() !== 0) { chmodSync(readable, 0o555); chmodSync(directory, 0o555) }
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' })
  const advice = 'cannot be written to: give this user the right to, or name another directory'
  expect(stdout.trim().split('\n')).toEqual([join(readable, 'meta'), readable, directory].map((path) => `ERR_STORE_UNAVAILABLE ${path} ${advice}`))
  chmodSync(readable, 0o755)
  chmodSync(directory, 0o755)
})

test('leaves a refused file as it was', async () => {
  const { directory, file } = await made()
  copyFileSync(file, `${file}.copy`)
  truncateSync(file, 8 * 4096)
  const before = readFileSync(file)
  await refusal(directory)
  expect(readFileSync(file).equals(before)).toBe(true)
  copyFileSync(`${file}.copy`, file)
  expect(await count(directory)).toBe(500)
  expect(existsSync(file)).toBe(true)
})
