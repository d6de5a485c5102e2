import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../support/program.js'

const DIST = resolve(import.meta.dirname, '../../dist')
const MAIN = join(DIST, 'main.js')
const SECRET = { KAPACITOR_HTTP_SHARED_SECRET: 'a secret of the tests' }
const NOBODY = ['--meta-addr', '127.0.0.1:1', '--username', 'ann']

/** What a program has loaded when it ends: packages by name, own files as `serve/serve`. Told by V8 itself. */
function loadedBy(args: readonly string[], env: Record<string, string> = {}): { packages: string[]; own: string[]; stderr: string } {
  const directory = temporaryDirectory()
  try {
    const { stderr } = spawnSync(process.execPath, [...args], {
      env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', NODE_V8_COVERAGE: directory.path, ...env },
      encoding: 'utf8',
    })
    const paths = readdirSync(directory.path)
      .flatMap((file) => JSON.parse(readFileSync(join(directory.path, file), 'utf8')).result as { url: string }[])
      .filter(({ url }) => url.startsWith('file:'))
      .map(({ url }) => fileURLToPath(url))
    const packages = paths.flatMap((path) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [])
    const own = paths.filter((path) => path.startsWith(`${DIST}/`)).map((path) => path.slice(DIST.length + 1, -'.js'.length))
    return { packages: [...new Set(packages)].sort(), own, stderr }
  } finally {
    directory.remove()
  }
}

describe('a command that only tells loads what describes commands', () => {
  test.each<[string[]]>([
    [['--version']],
    [['--help']],
    [['user', '--help']],
    [['user', 'grant', '--help']],
    [['role', '--help']],
    [['token', 'create', '--help']],
    [['token', 'sign', '--help']],
    [['auth', 'login', '--help']],
    [['meta', 'import', '--help']],
    [['serve', '--help']],
    [['completion', 'bash']],
    [['usr']],
  ])('%j', (args) => {
    const { packages, own } = loadedBy([MAIN, ...args])
    expect(own).toContain('cli/program')
    expect(packages).toEqual(['commander'])
    // The program catches signals before it loads anything else
    expect(own.filter((file) => file !== 'serve/signals').map((file) => file.split('/')[0]).filter((room) => !['main', 'cli', 'authz', 'text', 'config', 'errors', 'time', 'version'].includes(room as string))).toEqual([])
    expect(own.filter((file) => /^cli\/.*(?:actions|serve|listen|meta-command)$|^config\/(?:load|sections)/.test(file))).toEqual([])
  })
})

const backups = temporaryDirectory()
afterAll(() => backups.remove())

/** A backup without users: one that is refused would load no store. */
function backupFile(): string {
  const head = `${JSON.stringify({ backup: 'kapacitor-auth', version: 3, index: 1, time: '2027-01-01T00:00:00Z', users: 0, roles: 0, members: 0, tokens: 0, subscriptions: 0 })}\n`
  const path = join(backups.path, 'backup')
  writeFileSync(path, `${head}${JSON.stringify({ end: true, sha256: createHash('sha256').update(head).digest('hex') })}\n`)
  return path
}

describe('a command that does something loads nothing of the others', () => {
  const SERVER = ['koa', 'koa-router', 'pino', 'prom-client', 'bcryptjs', 'lru-cache', '@node-rs/bcrypt']
  const STORES = ['lmdb', '@grpc/grpc-js', '@grpc/proto-loader']
  test.each<[string, string[], Record<string, string>, needs: string[], spared: string[]]>([
    // says                     arguments                                                               environment                        needs              spared
    ['user list',               ['user', 'list', ...NOBODY],                                            { KAPACITOR_PASSWORD: 'x' },       ['got'],           [...SERVER, ...STORES]],
    ['role create',             ['role', 'create', 'ops', ...NOBODY],                                   { KAPACITOR_PASSWORD: 'x' },       ['got'],           [...SERVER, ...STORES]],
    ['token sign',              ['token', 'sign', '--username', 'ann'],                                 SECRET,                            ['jose'],          [...SERVER, ...STORES, 'got']],
    ['token sign, by a file',   ['token', 'sign', '--username', 'ann', '--secret-file', '/dev/null'],   {},                                ['jose'],          [...SERVER, ...STORES, 'got', 'smol-toml']],
    ['token list',              ['token', 'list', ...NOBODY],                                           { KAPACITOR_PASSWORD: 'x' },       ['got'],           [...SERVER, ...STORES, 'undici']],
    ['auth status',             ['auth', 'status'],                                                     {},                                ['commander'],     [...SERVER, ...STORES, 'got', 'jose', 'undici']],
    ['config, which tries the store', ['config'],                                                       {},                                ['smol-toml', 'lmdb'], [...SERVER, '@grpc/grpc-js', '@grpc/proto-loader', 'got', 'jose']],
    ['explain',                 ['explain', '--user', 'a', '--path', '/', '--admin-addr', '127.0.0.1:1'], {},                              ['commander'],     [...SERVER, ...STORES, 'got', 'jose']],
    ['meta restore, in lmdb',   ['meta', 'restore', backupFile(), '--without-admin', '--data-dir', '/proc/none'], {},                        ['lmdb'],           [...SERVER, '@grpc/grpc-js', '@grpc/proto-loader', 'got', 'jose']],
  ])('%s', (_says, args, env, needs, spared) => {
    const { packages } = loadedBy([MAIN, ...args], env)
    expect(packages).toEqual(expect.arrayContaining(needs))
    expect(packages.filter((name) => spared.includes(name))).toEqual([])
  })
})

test('an application that imports the middleware loads no store, no command, no metrics, no gateway', () => {
  const { packages, own, stderr } = loadedBy(['--input-type=module', '--eval', `import ${JSON.stringify(join(DIST, 'index.js'))}`])
  expect(stderr).toBe('')
  expect(own).toContain('middleware/kapacitor-auth')
  expect(packages).toEqual(expect.arrayContaining(['got', 'jose', 'lru-cache', 'smol-toml']))
  expect(packages.filter((name) => ['lmdb', '@grpc/grpc-js', '@grpc/proto-loader', 'commander', 'pino', 'prom-client', 'koa-router'].includes(name))).toEqual([])
  expect([...new Set(own.map((file) => file.split('/')[0]))].filter((room) => ['registry', 'meta-node', 'admin', 'sample', 'serve', 'cli'].includes(room as string))).toEqual([])
})

test.each([
  // part            loads                                           spares packages                                                                          spares rooms
  ['gateway',        'gateway/forward',                              ['lmdb', '@grpc/grpc-js', '@grpc/proto-loader', 'commander', 'prom-client', 'koa-router', 'got', 'pino'], ['registry', 'meta-node', 'admin', 'sample', 'serve', 'cli']],
  ['meta-node',      'meta-node/meta-node',                          ['lmdb', '@grpc/grpc-js', '@grpc/proto-loader', 'commander', 'got'],                      ['gateway', 'sample', 'cli']],
  ['influxql',       'influxql/parse',                               [],                                                                                       ['http', 'log', 'authz', 'token', 'tls', 'config', 'authn', 'middleware', 'registry', 'server', 'gateway', 'serve', 'cli']],
])('the part %s loads nothing of the others', (part, expected, packages, rooms) => {
  const loaded = loadedBy(['--input-type=module', '--eval', `import ${JSON.stringify(join(DIST, `${part}-parts.js`))}`])
  expect(loaded.stderr).toBe('')
  expect(loaded.own).toContain(expected)
  expect(part === 'influxql' ? loaded.packages : loaded.packages.filter((name) => packages.includes(name))).toEqual([])
  expect(loaded.own.map((file) => file.split('/')[0]).filter((room) => rooms.includes(room as string))).toEqual([])
})
