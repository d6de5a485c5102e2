import { chmodSync, existsSync, linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLoginStore, OVER } from '../../src/device-login/cache/login-store.js'
import { withProcessLock } from '../../src/device-login/cache/process-lock.js'
import { temporaryDirectory } from '../support/program.js'

let directory: ReturnType<typeof temporaryDirectory>
let folder: string
beforeEach(() => {
  directory = temporaryDirectory()
  folder = join(directory.path, 'state/kapacitor-auth/logins')
})
afterEach(() => directory.remove())

const CLIENT = { clientId: 'c', tokenUrl: 'https://p.example/token' }
const TOKENS = { accessToken: 'a', idToken: 'i', refreshToken: 'r', accessExpiresAt: 1_800_000_000_000 }
let time = 1_700_000_000_000
const lock = { now: () => time, wait: async (ms: number) => { time += ms } }
const store = (profile = 'default', client = CLIENT) => createLoginStore(folder, profile, client, lock)
const write = (tokens = TOKENS, own = store()) => own.locked(async (login) => login.write(tokens))
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

describe('OIDC 27: the kept login', () => {
  test('only its owner can read it, whatever the umask', async () => {
    const before = process.umask(0)
    try {
      await write()
    } finally {
      process.umask(before)
    }
    expect([modeOf(folder), modeOf(store().path)]).toEqual(['700', '600'])
    expect(store().read()).toEqual(TOKENS)
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([])
  })

  test('each profile, client and token endpoint has its own', async () => {
    await write()
    expect(store('other').read()).toBe(undefined)
    expect(store('default', { ...CLIENT, clientId: 'd' }).read()).toBe(undefined)
    expect(store('default', { ...CLIENT, tokenUrl: 'https://evil.example/token' }).read()).toBe(undefined)
    expect(await store().remove()).toBe(true)
    expect(await store().remove()).toBe(false)
    expect(store().read()).toBe(undefined)
  })

  test('a refresh under way does not bring a login back that was removed', async () => {
    await write()
    const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
    const own = createLoginStore(folder, 'default', CLIENT, { now: Date.now, wait: turn })
    const steps: string[] = []
    let answer = () => {}
    const refreshing = own.locked(async (login) => {
      await new Promise<void>((resolve) => { answer = resolve })
      login.write({ ...TOKENS, accessToken: 'refreshed' })
      steps.push('written')
    })
    const removing = own.remove().then((wasThere) => steps.push(`removed ${wasThere}`))
    await turn()
    answer()
    await Promise.all([refreshing, removing])
    expect(steps).toEqual(['written', 'removed true'])
    expect(own.read()).toBe(undefined)
  })

  test('what a process has left that died while it wrote is removed with the login, and no other', async () => {
    await write()
    await write(TOKENS, store('other'))
    for (const path of [store().path, store('other').path]) writeFileSync(`${path}.4711.0a1b2c3d.partial`, '{"refresh_token":"r"}', { mode: 0o600 })
    expect(await store().remove()).toBe(true)
    expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([`${basename(store('other').path)}.4711.0a1b2c3d.partial`])
    expect(store('other').read()).toEqual(TOKENS)
  })

  test('where nobody has ever signed in, removing makes no folder', async () => {
    expect(await store().remove()).toBe(false)
    expect(existsSync(folder)).toBe(false)
  })

  test.each<[string, () => void, RegExp]>([
    // says                       before                                                                               error
    ['the file is a link',        () => { const { path } = store(); rmSync(path); symlinkSync(join(directory.path, 'other'), path) },      /\.json is a link, and is not followed: remove it$/],
    ['the file is open to others', () => chmodSync(store().path, 0o644),                                              /\.json can be used by others: run chmod 600 on it, or remove it$/],
    ['the file is a folder',      () => { rmSync(store().path); mkdirSync(store().path) },                             /is not a file: remove it$|directory/],
  ])('%s: it is not read', async (_says, spoil, expected) => {
    await write()
    writeFileSync(join(directory.path, 'other'), JSON.stringify({ version: 1, access_token: 'planted' }), { mode: 0o600 })
    spoil()
    expect(() => store().read()).toThrow(expected)
  })

  test.each<[string, () => void, RegExp]>([
    // says                         before                                                                                error
    ['the folder is a link',        () => { mkdirSync(join(directory.path, 'elsewhere'), { mode: 0o700 }); mkdirSync(join(folder, '..'), { recursive: true }); symlinkSync(join(directory.path, 'elsewhere'), folder) }, /logins is a link, and is not followed: remove it$/],
    ['the folder is open to others', () => { mkdirSync(folder, { recursive: true }); chmodSync(folder, 0o755) },          /logins can be used by others: run chmod 700 on it, or remove it$/],
    ['the folder is a file',        () => { mkdirSync(join(folder, '..'), { recursive: true }); writeFileSync(folder, '') }, /logins (?:cannot be made|is not a folder)/],
  ])('%s: nothing is written', async (_says, spoil, expected) => {
    spoil()
    await expect(write()).rejects.toThrow(expected)
    expect(readdirSync(directory.path, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'))).toEqual([])
  })

  test('a link in the place of the file is replaced, not written through', async () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const victim = join(directory.path, 'victim')
    writeFileSync(victim, 'untouched')
    symlinkSync(victim, store().path)
    await write()
    expect([readFileSync(victim, 'utf8'), lstatSync(store().path).isSymbolicLink(), store().read()?.accessToken]).toEqual(['untouched', false, 'a'])
  })

  test('a write never changes the file that is there: another name of it keeps the old text', async () => {
    await write()
    const other = join(directory.path, 'other')
    linkSync(store().path, other)
    await write({ ...TOKENS, accessToken: 'new' })
    expect(readFileSync(other, 'utf8')).toContain('"a"')
  })

  test.each([
    ['damaged',             '{"version":1,"access_tok'],
    ['of another version',  '{"version":2,"access_token":"a"}'],
    ['empty',               ''],
    ['a list',              '[]'],
  ])('a file that is %s is a login that is over', async (_says, text) => {
    await write()
    writeFileSync(store().path, text)
    expect(store().read()).toEqual(OVER)
  })
})

describe('the lock between processes', () => {
  const path = () => join(directory.path, 'x.json')
  const other = (n: number, text: string | object) => writeFileSync(`${path()}.lock.${n}`, typeof text === 'string' ? text : JSON.stringify(text))
  const alive = () => ({ pid: process.ppid, host: hostname(), at: time })
  const locks = () => readdirSync(directory.path).filter((name) => name.includes('.lock.')).sort()

  test('one at a time, and one file is left', async () => {
    let inside = 0
    let most = 0
    const work = async () => {
      most = Math.max(most, ++inside)
      await new Promise((resolve) => setImmediate(resolve))
      inside--
    }
    const real = { now: Date.now, wait: () => new Promise<void>((resolve) => setImmediate(resolve)) }
    await Promise.all(Array.from({ length: 20 }, () => withProcessLock(path(), work, real)))
    expect(most).toBe(1)
    expect(locks()).toEqual(['x.json.lock.20'])
  })

  test('it is free after an error', async () => {
    await expect(withProcessLock(path(), async () => { throw new Error('broken') }, lock)).rejects.toThrow('broken')
    expect(await withProcessLock(path(), async () => 'done', lock)).toBe('done')
  })

  test.each<[string, () => void]>([
    // says                            what another process has left
    ['of a process that has died',     () => other(1, { pid: 2 ** 22 + 1, host: hostname(), at: time })],
    ['of a process that hangs',        () => other(1, { ...alive(), at: time - 61_000 })],
    ['from the future',                () => other(1, { ...alive(), at: time + 3_600_000 })],
    ['of another machine, long ago',   () => other(1, { pid: 1, host: 'another', at: time - 61_000 })],
    ['that was never written',         () => other(1, '')],
    ['that was given back',            () => other(1, 'free\n')],
  ])('a lock %s does not count', async (_says, leave) => {
    time = 1_700_000_000_000
    leave()
    expect(await withProcessLock(path(), async () => locks(), lock)).toEqual(['x.json.lock.2'])
    expect(time).toBe(1_700_000_000_000)
  })

  test.each<[string, () => void]>([
    ['of a process that lives',        () => other(3, alive())],
    ['of another machine',             () => other(3, { pid: 2 ** 22 + 1, host: 'another', at: time + 20_000 })],
  ])('a lock %s is waited for, but not for ever', async (_says, leave) => {
    leave()
    const before = time
    await expect(withProcessLock(path(), async () => 'done', lock)).rejects.toThrow(/another process holds .*x\.json\.lock; try again$/)
    expect(time - before).toBe(45_000)
    expect(existsSync(`${path()}.lock.3`)).toBe(true)
  })
})
