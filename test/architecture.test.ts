import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const SRC = resolve(import.meta.dirname, '../src')

/** Each room's floor. A room may import rooms on lower floors, and itself; never a neighbour. */
const FLOOR: Record<string, number> = {
  errors: 0, 'serial-queue': 0, time: 0, version: 0,
  text: 1,
  http: 2, log: 2,
  authz: 3, influxql: 3, token: 3, tls: 3, config: 3,
  'meta-client': 4, 'device-login': 4,
  authn: 5,
  middleware: 6, registry: 6,
  server: 7,
  gateway: 8, 'meta-node': 8, admin: 8, sample: 8, subscriptions: 8,
  serve: 9,
  cli: 10,
  index: 11, 'gateway-parts': 11, 'meta-node-parts': 11, 'influxql-parts': 11, main: 11,
}

/** Each package's owners: rooms, or single files where only one may know it. */
const OWNERS: Record<string, readonly string[]> = {
  koa: ['server', 'middleware', 'gateway', 'meta-node', 'admin', 'sample', 'serve'],
  'koa-router': ['sample', 'meta-node'],
  'lru-cache': ['authn', 'gateway/influxdb/query/prepare-query.ts'],
  bcryptjs: ['authn/passwords/bcrypt-engine.js'],
  '@node-rs/bcrypt': ['authn/passwords/bcrypt-engine.js'],
  got: ['meta-client'],
  jose: ['token'],
  undici: ['http/request-once.ts'],
  'smol-toml': ['config', 'device-login'],
  yaml: ['config'],
  lmdb: ['registry/lmdb/lmdb-files.ts', 'registry/lmdb/lmdb-backend.ts'],
  '@grpc/grpc-js': ['registry/etcd/etcd-channel.ts'],
  '@grpc/proto-loader': ['registry/etcd/etcd-channel.ts'],
  commander: ['cli'],
  pino: ['log'],
  'prom-client': ['admin'],
}

/** Rooms that only think: from Node they may use what neither reads nor writes nor waits. */
const PURE = ['authz', 'influxql']
const HARMLESS = ['node:buffer']

interface Import { file: string; from: string }

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((f) => /\.[jt]s$/.test(f))
const imports: Import[] = files.flatMap((file) => importsOf(file, readFileSync(join(SRC, file), 'utf8')))

function importsOf(file: string, text: string): Import[] {
  const specifiers = text.matchAll(/^(?:import|export)\s(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm)
  return [...specifiers].map((m) => ({ file, from: (m[1] ?? m[2]) as string }))
}

/** Imports while the program runs, whose module nobody can read off. */
const isWorkedOut = (text: string) => /\bimport\((?!\s*['"][^'"]+['"],?\s*\))/.test(text)

const roomOf = (path: string) => path.split('/')[0]?.replace(/\.[jt]s$/, '') as string
const targetOf = ({ file, from }: Import) => relative(SRC, resolve(SRC, dirname(file), from)).replace(/\.js$/, '')
const packageOf = (from: string) => from.split('/').slice(0, from.startsWith('@') ? 2 : 1).join('/')

/** What is wrong with an import, in words. */
function wrong(i: Import): string | undefined {
  const room = roomOf(i.file)
  if (FLOOR[room] === undefined) return `${i.file}: no floor is known for ${room}`
  if (i.from.startsWith('node:')) {
    return PURE.includes(room) && !HARMLESS.includes(i.from) ? `${i.file} is pure, and imports ${i.from}` : undefined
  }
  if (i.from.startsWith('.')) {
    const target = roomOf(targetOf(i))
    if (target === room) return undefined
    return (FLOOR[target] ?? Infinity) < (FLOOR[room] as number) ? undefined : `${i.file} imports ${targetOf(i)}, which is not below it`
  }
  const owners = OWNERS[packageOf(i.from)]
  if (!owners) return `${i.file} imports ${i.from}, which nobody owns`
  return owners.some((o) => o === room || o === i.file) ? undefined : `${i.file} imports ${i.from}, which is ${owners.join(', ')}'s`
}

test('there is something to check', () => {
  expect(files.length).toBeGreaterThan(30)
  expect(imports.length).toBeGreaterThan(60)
})

test('imports go downwards only, and every package has its owner', () => {
  expect(imports.map(wrong).filter(Boolean)).toEqual([])
})

test.each<[string, Import, boolean]>([
  ['a lower floor',                 { file: 'authn/a.ts', from: '../authz/b.js' },          true],
  ['the same room',                 { file: 'authn/a.ts', from: './b.js' },                 true],
  ['an owned package',              { file: 'token/a.ts', from: 'jose' },                   true],
  ['a higher floor',                { file: 'authz/a.ts', from: '../authn/b.js' },          false],
  ['a neighbour on the same floor', { file: 'gateway/a.ts', from: '../meta-node/b.js' },    false],
  ['a package of another room',     { file: 'gateway/a.ts', from: 'jose' },                 false],
  ['a package of one other file',   { file: 'meta-node/a.ts', from: 'lmdb' },               false],
  ['a package nobody owns',         { file: 'gateway/a.ts', from: 'left-pad' },             false],
  ['the clock in a pure room',      { file: 'authz/a.ts', from: 'node:timers' },            false],
  ['an unknown room',               { file: 'utils/a.ts', from: './b.js' },                 false],
])('the rules: %s', (_says, i, allowed) => {
  expect(wrong(i) === undefined).toBe(allowed)
})

test.each([
  // says                           text                                                     imports
  ['a name',                        "import { a } from './a.js'",                            ['./a.js']],
  ['several lines',                 "import {\n  a,\n} from './a.js'",                       ['./a.js']],
  ['a type',                        "import type { A } from './a.js'",                       ['./a.js']],
  ['handed on',                     "export { a } from './a.js'",                            ['./a.js']],
  ['while it runs',                 "  const { a } = await import('./a.js')",                ['./a.js']],
  ['while it runs, on a new line',  "const a = () => import(\n  './a.js'\n)",                ['./a.js']],
  ['while it runs, twice',          "[import('./a.js'), import(\"./b.js\")]",                ['./a.js', './b.js']],
])('an import is seen: %s', (_says, text, expected) => {
  expect(importsOf('cli/a.ts', text).map(({ from }) => from)).toEqual(expected)
  expect(isWorkedOut(text)).toBe(false)
})

test.each([
  ['import(name)'],
  ["import('./' + name)"],
  ['import(\n  name,\n)'],
  ['import(`./a.js`)'],
])('a module that is worked out is none that can be checked: %s', (text) => {
  expect(isWorkedOut(text)).toBe(true)
})

test('no module is worked out while the program runs', () => {
  expect(files.filter((f) => isWorkedOut(readFileSync(join(SRC, f), 'utf8')))).toEqual([])
})

test('no room has cycles inside', () => {
  const edges = new Map<string, string[]>()
  for (const i of imports) {
    if (!i.from.startsWith('.')) continue
    const file = i.file.replace(/\.[jt]s$/, '')
    edges.set(file, [...(edges.get(file) ?? []), targetOf(i)])
  }
  const done = new Set<string>()
  const walk = (file: string, way: string[]): void => {
    if (way.includes(file)) throw new Error(`cycle: ${[...way, file].join(' → ')}`)
    if (done.has(file)) return
    for (const next of edges.get(file) ?? []) walk(next, [...way, file])
    done.add(file)
  }
  for (const file of edges.keys()) walk(file, [])
})

test('no two files have the same name', () => {
  const names = files.map((file) => file.split('/').at(-1) as string)
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
})

test('no index files inside rooms, no default exports', () => {
  expect(files.filter((f) => /\/index\.[jt]s$/.test(f))).toEqual([])
  expect(files.filter((f) => /^export default/m.test(readFileSync(join(SRC, f), 'utf8')))).toEqual([])
})
