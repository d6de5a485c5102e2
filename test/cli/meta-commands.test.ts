import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ADMIN_PERMISSIONS } from '../../src/registry/first-admin.js'
import { openLmdbStore } from '../../src/registry/lmdb/lmdb-store.js'
import { createRegistry } from '../../src/registry/registry.js'
import { createStoreDirectory } from '../../src/registry/registry-directory.js'
import type { Store } from '../../src/registry/store/store.js'
import { createTestHasher } from '../registry/node-bench.js'
import { start, temporaryDirectory } from '../support/program.js'
import { until } from '../support/until.js'

const HASH = '$2b$04$'.padEnd(60, 'x')
const MAIN = join(import.meta.dirname, '../../dist/main.js')
const stores: Store[] = []
let directory: ReturnType<typeof temporaryDirectory>
beforeEach(() => { directory = temporaryDirectory() })
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  directory.remove()
})

const at = (name: string) => join(directory.path, name)

/** Runs `kapacitor-auth meta …` on the registry in `data`. */
async function meta(args: string[], data = 'data') {
  const program = start(['meta', ...args, '--data-dir', at(data)], { KAPACITOR_CONFIG_PATH: '' })
  return { code: await program.end(), stdout: program.stdout(), stderr: program.stderr() }
}

async function open(data = 'data'): Promise<Store> {
  mkdirSync(at(data), { recursive: true })
  const store = await openLmdbStore(join(at(data), 'meta'))
  stores.push(store)
  return store
}

/** A registry with an administrator and some more, which stays open as a server's would. */
async function filled(data = 'data', more = 3): Promise<Store> {
  const store = await open(data)
  const registry = createRegistry(store)
  await registry.createUser('admin', HASH, ADMIN_PERMISSIONS)
  await store.change((d) => { for (let i = 0; i < more; i++) d.put(['user', `user${i}`], { hash: HASH, permissions: [] }) })
  return store
}

test('a backup that is refused leaves no empty registry behind', async () => {
  await filled()
  await meta(['backup', at('b.jsonl')])
  const text = readFileSync(at('b.jsonl'), 'utf8')
  writeFileSync(at('cut.jsonl'), text.slice(0, 200))
  expect(await meta(['restore', at('cut.jsonl')], 'new')).toMatchObject({ code: 1, stderr: expect.stringMatching(/cut\.jsonl: line \d+: .*; nothing was changed\n$/) })
  expect(readdirSync(directory.path)).not.toContain('new')
})

test('a registry in use is backed up to a file that its owner only may read, and restored into another', async () => {
  await filled()
  const backup = await meta(['backup', at('b.jsonl')])
  expect(backup).toEqual({ code: 0, stdout: '', stderr: `4 users, 0 roles, 0 memberships of state 3 are in ${at('b.jsonl')}\n` })
  expect((statSync(at('b.jsonl')).mode & 0o777).toString(8)).toBe('600')
  expect((await meta(['backup', '-'])).stdout.split('\n').slice(1)).toEqual(readFileSync(at('b.jsonl'), 'utf8').split('\n').slice(1, -2).concat(expect.any(String), ''))
  expect(await meta(['restore', at('b.jsonl')], 'other')).toMatchObject({ code: 0, stderr: expect.stringMatching(/^restored 4 users, 0 roles, 0 memberships, of \d{4}-/) })
  const other = createRegistry(await open('other'))
  expect((await other.getUser('user2'))?.hash).toBe(HASH)
  expect(readdirSync(directory.path).sort()).toEqual(['b.jsonl', 'data', 'other'])
})

test('a server that runs hears of a restore', async () => {
  const store = await filled()
  await meta(['backup', at('b.jsonl')])
  await createRegistry(store).createUser('eve', HASH)
  const heard: unknown[] = []
  createStoreDirectory(store, createTestHasher()).watch?.((name) => heard.push(name))
  await expect.poll(() => heard.length, { interval: 300, timeout: 700 }).toBe(0) // it has looked at the index once
  expect((await meta(['restore', at('b.jsonl')])).stderr).toContain('the registry is not empty (5 users, 0 roles): give --replace')
  expect((await meta(['restore', at('b.jsonl'), '--replace'])).code).toBe(0)
  await expect.poll(() => heard).toContain(undefined)
  expect(await createRegistry(store).getUser('eve')).toBeUndefined()
})

test('an old backup stays when there is no new one', async () => {
  await filled('data', 20_000)
  writeFileSync(at('b.jsonl'), 'old', { mode: 0o644 })
  const limited = spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -f 200; exec "$0" "$@"`, process.execPath, MAIN, 'meta', 'backup', at('b.jsonl'), '--data-dir', at('data')], { encoding: 'utf8', env: { PATH: process.env.PATH ?? '' } })
  expect([limited.status, limited.stderr]).toEqual([1, expect.stringContaining(`${at('b.jsonl')} cannot be written: file too large (EFBIG)`)])
  expect(readFileSync(at('b.jsonl'), 'utf8')).toBe('old')
  expect(readdirSync(directory.path).sort()).toEqual(['b.jsonl', 'data'])
  expect((await meta(['backup', at('b.jsonl')])).code).toBe(0)
  expect((statSync(at('b.jsonl')).mode & 0o777).toString(8)).toBe('600')
})

test('a restore that finds the disk full, or is killed in the middle, leaves the old state', async () => {
  await filled('source', 60_000)
  await meta(['backup', at('b.jsonl')], 'source')
  const store = await filled()
  const limited = spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -f 4000; exec "$0" "$@"`, process.execPath, MAIN, 'meta', 'restore', at('b.jsonl'), '--replace', '--data-dir', at('data')], { encoding: 'utf8', env: { PATH: process.env.PATH ?? '' } })
  expect([limited.status, limited.stderr]).toEqual([1, expect.stringMatching(/kapacitor-auth: the registry cannot be written to\n$/)])
  for (const patience of [900, 1_700]) {
    const before = await store.read((s) => s.index)
    const child = spawn(process.execPath, [MAIN, 'meta', 'restore', at('b.jsonl'), '--replace', '--data-dir', at('data')], { env: { PATH: process.env.PATH ?? '' } })
    const killed = setTimeout(() => child.kill('SIGKILL'), patience)
    const [code] = await new Promise<unknown[]>((resolve) => child.once('exit', (...args) => resolve(args)))
    clearTimeout(killed)
    const [now, many] = await store.read(async (s) => [s.index, await s.get(['user', 'user59999'])])
    expect([now > before, many !== undefined]).toEqual(code === 0 ? [true, true] : expect.toSatisfy((x: boolean[]) => x[0] === x[1]))
    await createRegistry(store).changePassword('admin', `${HASH}${patience}`) // nothing is stuck
    if (code === 0) break
  }
})

test.each<[string, () => string[], RegExp]>([
  ['a backup of nothing',             () => ['backup', at('b')],                                       /there is no registry in .*\/data\/meta \(\[meta\] dir\)$/],
  ['a restore of nothing',            () => ['restore', at('b')],                                      /\/b cannot be read: there is no such file$/],
  ['a restore of a directory',        () => ['restore', directory.path],                               /is not a regular file, and it has to be read twice$/],
  ['a restore of something else',     () => { writeFileSync(at('b'), '{}\n'); return ['restore', at('b')] }, /\/b: line 1: this is not a backup of kapacitor-auth; nothing was changed$/],
  ['B7: a restore of a log',          () => { writeFileSync(at('b'), 'level=info\n'); return ['restore', at('b')] }, /\/b: this is not a backup of kapacitor-auth; nothing was changed$/],
  ['B7: an import of no file',        () => ['import', '--users', at('u')],                            /\/u cannot be read: there is no such file$/],
  ['C6: a new password of nobody',    () => ['reset-admin', '--generate', '--yes'],                    /there is no registry in .*\/data\/meta \(\[meta\] dir\)$/],
  ['an import of nothing',            () => ['import'],                                                /name what to import/],
  ['an import of two minds',          () => ['import', '--users', 'x', '--replace', '--skip-existing'], /contradict each other$/],
  ['an import of two sources',        () => ['import', '--users', 'x', '--from', 'http://m:1'],        /--from goes without --users and --roles$/],
  ['an import from nowhere',          () => ['import', '--from', 'http://127.0.0.1:1'],                /meta node unavailable: \/user: http:\/\/127.0.0.1:1 ECONNREFUSED$/],
  ['an import from an odd place',     () => ['import', '--from', 'http://a:b@m:1'],                    /is not http:\/\/host:port or https:\/\/host:port$/],
])('%s is refused in one line', async (_says, args, message) => {
  const { code, stdout, stderr } = await meta(args())
  expect([code, stdout, stderr.trimEnd()]).toEqual([1, '', expect.stringMatching(message)])
  expect(stderr.trimEnd()).not.toContain('\n')
})

test.each(['directory', 'link'])('a backup to a %s is refused', async (kind) => {
  await filled()
  if (kind === 'link') symlinkSync('/dev/null', at('b'))
  else mkdirSync(at('b'))
  expect(await meta(['backup', at('b')])).toMatchObject({ code: 1, stderr: expect.stringMatching(/name a file, or - to print\n$/) })
})

test('users and roles of a running meta node are imported, with its credentials', async () => {
  const asked: unknown[] = []
  const answers: Record<string, object> = { '/user': { users: [{ name: 'ann', hash: HASH }] }, '/role': { roles: [{ name: 'ops', users: ['ann'] }] } }
  const server = createServer((req, res) => {
    asked.push([req.url, req.headers.authorization])
    res.end(JSON.stringify(answers[String(req.url)] ?? {}))
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const program = start(['meta', 'import', '--from', url, '--without-admin', '--data-dir', at('data')], { KAPACITOR_AUTH_META_USERNAME: 'root', KAPACITOR_AUTH_META_PASSWORD: 'pw' })
  expect([await program.end(), program.stderr()]).toEqual([0, '3 changes made, 0 the same already\n'])
  const authorization = `Basic ${Buffer.from('root:pw').toString('base64')}`
  expect(asked).toEqual([['/user', authorization], ['/role', authorization]])
  server.close()
  expect((await createRegistry(await open()).getUser('ann'))?.hash).toBe(HASH)
})

test('an import from a meta node that refuses the credentials names the keys', async () => {
  const server = createServer((_req, res) => { res.writeHead(401).end('{"error":"authorization failed"}') })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const { code, stderr } = await meta(['import', '--from', `http://127.0.0.1:${(server.address() as AddressInfo).port}`])
  server.close()
  expect([code, stderr]).toEqual([1, expect.stringMatching(/HTTP 401: authorization failed; it was asked with \[auth\] meta-internal-shared-secret, or meta-username and meta-password, if set\n$/)])
})

const USERS = JSON.stringify({ users: [{ name: 'ann', hash: HASH, permissions: { '': [...(ADMIN_PERMISSIONS.get('') ?? [])] } }] })

test('A9: a dry run of an import makes no registry, and says what would be done', async () => {
  writeFileSync(at('u.json'), USERS)
  expect(await meta(['import', '--users', at('u.json'), '--dry-run'])).toEqual({ code: 0, stdout: 'create user "ann"\n', stderr: '1 change would be made, 0 the same already\n' })
  expect(readdirSync(directory.path)).toEqual(['u.json'])
})

/** Runs a command of the shell in which \`$0\` is the program. */
const shell = (command: string) => spawnSync('bash', ['--norc', '-c', `set -o pipefail; ${command}`, process.execPath, MAIN, at('data'), at('u.json')], { encoding: 'utf8', env: { PATH: process.env.PATH ?? '' } })

test.each([
  // says                                     command                                                                   what is said
  ['a backup that nobody reads on',           '"$0" "$1" meta backup - --data-dir "$2" | head -c 1 >/dev/null',         /^kapacitor-auth: cannot write to standard output: write EPIPE\n$/],
  ['a backup to a full disk',                 '"$0" "$1" meta backup - --data-dir "$2" >/dev/full',                     /^kapacitor-auth: cannot write to standard output: ENOSPC: no space left on device, write\n$/],
  ['an import that is only tried',            '"$0" "$1" meta import --users "$3" --dry-run --data-dir "$2" >/dev/full', /^kapacitor-auth: cannot write to standard output: ENOSPC: no space left on device, write\n$/],
  ['a password to a full disk',               '"$0" "$1" meta reset-admin --generate --yes --data-dir "$2" >/dev/full',  /^kapacitor-auth: cannot write to standard output: ENOSPC: no space left on device, write\n$/],
])('B7: %s ends in one line', async (_says, command, says) => {
  writeFileSync(at('u.json'), USERS)
  const store = await filled('data', 20_000)
  const { status, stderr } = shell(command)
  expect([status, stderr]).toEqual([1, expect.stringMatching(says)])
  expect((await createRegistry(store).getUser('admin'))?.hash).toBe(HASH)
})

test.each([
  // says                       arguments              to              status  standard error
  ['help',                      '--help',              '>/dev/full',   1,      /^kapacitor-auth: cannot write to standard output: ENOSPC: no space left on device, write\n$/],
  ['help of a command',         'serve --help',        '>/dev/full',   1,      /^kapacitor-auth: cannot write to standard output: /],
  ['help of one below another', 'user list --help',    '>/dev/full',   1,      /^kapacitor-auth: cannot write to standard output: /],
  ['the help command',          'help serve',          '>/dev/full',   1,      /^kapacitor-auth: cannot write to standard output: /],
  ['the version',               '--version',           '>/dev/full',   1,      /^kapacitor-auth: cannot write to standard output: /],
  ['help that is read',         '--help',              '| cat',        0,      /^$/],
  ['help whose reader is gone', '--help',              '| true',       0,      /^$/],
  ['the version that is read',  '--version',           '| cat',        0,      /^$/],
  ['a mistake',                 'serve --no-such',     '>/dev/full',   1,      /^error: unknown option '--no-such'\nRun kapacitor-auth serve --help for usage\.\n$/],
  ['no command at all',         '',                    '>/dev/full',   1,      /^Usage: kapacitor-auth /],
])('what cannot be written is an error: %s', (_says, args, to, status, says) => {
  const ended = shell(`"$0" "$1" ${args} ${to}`)
  expect([ended.status, ended.stderr]).toEqual([status, expect.stringMatching(says)])
})

test.each([
  // says                             from                    to                                                      taken
  ['fewer than half of the users',    [9, 20],                'a backup of 10 users, .* of state 20, and the registry has 4 users', false],
  ['an older state',                  [3, 3],                 'a backup of 4 users, .* of state 20',                  false],
  ['a few users less',                [4, 3],                 '',                                                     true],
] as const)('D1: a backup of %s does not replace the one that is there unasked', async (_says, [users, state], says, isTaken) => {
  await filled()
  await meta(['backup', at('b.jsonl')])
  const there = readFileSync(at('b.jsonl'), 'utf8').replace('"users":4', `"users":${users + 1}`).replace(/"index":\d+/, `"index":${users === 3 ? 20 : state}`)
  writeFileSync(at('b.jsonl'), there)
  const backup = await meta(['backup', at('b.jsonl')])
  expect(backup).toMatchObject(isTaken ? { code: 0 } : { code: 1, stderr: expect.stringMatching(`is ${says}.*: name another file, or give --replace\n$`) })
  expect(readFileSync(at('b.jsonl'), 'utf8') === there).toBe(!isTaken)
  expect(readdirSync(directory.path).sort()).toEqual(['b.jsonl', 'data'])
  expect((await meta(['backup', at('b.jsonl'), '--replace'])).code).toBe(0)
})

test.each(['SIGINT', 'SIGTERM'] as const)('C7: a backup that is told %s says so, and leaves nothing behind', async (signal) => {
  await filled('data', 60_000)
  const program = start(['meta', 'backup', at('b.jsonl'), '--data-dir', at('data')])
  await until(() => readdirSync(directory.path).some((name) => name.endsWith('.partial')) && program.child.kill(signal))
  expect([await program.end(), program.stderr()]).toEqual([signal === 'SIGINT' ? 130 : 143, `\nkapacitor-auth: interrupted: ${at('b.jsonl')} was not written\n`])
  expect(readdirSync(directory.path)).toEqual(['data'])
})
