import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { startOurs } from '../cli/commands.js'
import { quickHash } from '../support/fixed-hasher.js'
import { basic, startServer } from '../support/servers.js'
import { startStandInMetaNode } from '../support/stand-in-meta-node.js'

const ROOT = join(import.meta.dirname, '../..')
const text = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const README = text('README.md')
const TASKS = '/kapacitor/v1/tasks'
const DOCUMENTS = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'bench/README.md', ...readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)]

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** The snippet of a document that uses `word`, which is a whole program but for where it listens. */
function snippet(word: string, document = README): string {
  const found = [...document.matchAll(/```ts\n([\s\S]*?)```/g)].map((m) => m[1] as string).filter((text) => text.includes(word))
  expect(found).toHaveLength(1)
  return (found[0] as string).replace(/^app\.listen\(.*$/m, '')
}

/** Runs a snippet of middleware as a program of its own that uses the built package, and tells where it listens. */
function run(source: string, env: Record<string, string> = {}): Promise<string> {
  const listen = "const server = app.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port))"
  const greet = 'app.use((ctx) => { ctx.body ??= { hello: ctx.state.user.name } })'
  return runWhole(`${source}\n${greet}\n${listen}\n`, env)
}

/** Runs a program that uses the built package and prints its URL. */
async function runWhole(source: string, env: Record<string, string> = {}): Promise<string> {
  const directory = mkdtempSync(join(ROOT, 'test/examples/run-'))
  ends.push(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, 'example.mjs'), source)
  const child = spawn(process.execPath, ['example.mjs'], { cwd: directory, env: { PATH: process.env.PATH, HOME: directory, ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  ends.push(() => child.kill())
  for await (const chunk of child.stdout) return String(chunk).trim()
  throw new Error('the example ended before it listened')
}

const get = async (url: string, authorization?: string) => {
  const answer = await fetch(url, { headers: authorization ? { authorization } : {} })
  return { status: answer.status, body: await answer.json() }
}

test.each(['README.md', 'docs/koa-middleware.md'])('the middleware snippet of %s works as printed', async (document) => {
  const meta = await startStandInMetaNode([{ name: 'ann', hash: quickHash('apw'), permissions: { '': ['KapacitorAPI'] } }])
  ends.push(() => meta.close())
  const url = await run(snippet('hello: user?.name', text(document)), { KAPACITOR_AUTH_META_ADDR: `127.0.0.1:${meta.port}`, KAPACITOR_HTTP_PING_AUTH_ENABLED: 'false' })
  expect(await get(url + TASKS)).toEqual({ status: 401, body: { error: 'unable to parse authentication credentials' } })
  expect(await get(url + TASKS, basic('ann', 'apw'))).toEqual({ status: 200, body: { hello: 'ann' } })
  // C10: nobody has signed in on an open endpoint
  expect(await get(`${url}/kapacitor/v1/ping`)).toEqual({ status: 200, body: { hello: 'anybody' } })
})

test('the snippet of a gateway of one\u2019s own works as printed', async () => {
  const meta = await startStandInMetaNode([{ name: 'ann', hash: quickHash('apw'), permissions: { '': ['KapacitorAPI'] } }])
  ends.push(() => meta.close())
  const upstream = await startServer((req, res) => res.end(JSON.stringify({ user: req.headers['x-forwarded-user'] })))
  ends.push(() => upstream.close())
  const source = snippet('createUpstream({', text('docs/koa-middleware.md')).replace('http://127.0.0.1:9192', upstream.url).replace('127.0.0.1:9092', '127.0.0.1:0')
  const url = await runWhole(source, { KAPACITOR_AUTH_META_ADDR: `127.0.0.1:${meta.port}` })
  expect(await get(url + TASKS)).toMatchObject({ status: 401 })
  expect(await get(`${url}/kapacitor/v1/config`, basic('ann', 'apw'))).toMatchObject({ status: 403 })
  expect(await get(url + TASKS, basic('ann', 'apw'))).toEqual({ status: 200, body: { user: 'ann' } })
})

test("the snippet for APIs like InfluxDB's works as printed", async () => {
  const meta = await startStandInMetaNode([{ name: 'ann', hash: quickHash('apw'), permissions: { telegraf: ['ReadData'] } }])
  ends.push(() => meta.close())
  const url = await run(snippet('app.use(influxdbAuth(', text('docs/koa-middleware.md')), { KAPACITOR_AUTH_META_ADDR: `127.0.0.1:${meta.port}` })
  const query = (q: string) => `${url}/query?db=telegraf&q=${encodeURIComponent(q)}`
  expect(await get(query('select * from cpu'))).toMatchObject({ status: 401 })
  expect(await get(query('delete from cpu'), basic('ann', 'apw'))).toMatchObject({ status: 403 })
  expect(await get(query('select * from cpu'), basic('ann', 'apw'))).toEqual({ status: 200, body: { user: 'ann', asked: ['SELECT * FROM cpu'], database: 'telegraf' } })
})

test('the snippet of the parts works as printed, with a real hash', async () => {
  const url = await run(snippet('createListDirectory([', text('docs/koa-middleware.md')).replace('$2b$10$…', quickHash('apw')))
  expect(await get(url + TASKS, basic('ann', 'apw'))).toEqual({ status: 200, body: { hello: 'ann' } })
  expect(await get(url + TASKS, basic('ann', 'no'))).toEqual({ status: 401, body: { error: 'authorization failed' } })
  expect(await get(`${url}/kapacitor/v1/config`, basic('ann', 'apw'))).toMatchObject({ status: 403 })
})

test('the session with users and roles is what the program prints', async () => {
  const printed = /<!-- session:.*-->\n```console\n([\s\S]*?)```/.exec(text('docs/users-and-roles.md'))?.[1] as string
  const ours = await startOurs()
  ends.push(() => ours.close())
  writeFileSync(join(ours.directory, 'ann-password'), 'pw of ann\n', { mode: 0o600 })
  const commands = printed.split('\n').filter((line) => line.startsWith('$ ')).map((line) => line.slice(2))
  expect(commands.length).toBeGreaterThan(5)
  const script = commands.map((command) => `echo '$ ${command}'\n${command}`).join('\n')
  const program = `kapacitor-auth() { '${process.execPath}' '${join(ROOT, 'dist/main.js')}' "$@"; }\nset -e\n${script}\n`
  const child = spawn('bash', ['--norc', '-c', program], {
    cwd: ours.directory,
    env: { PATH: process.env.PATH, HOME: ours.directory, KAPACITOR_PASSWORD: 'the admin password', KAPACITOR_AUTH_META_ADDR: ours.address },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let shown = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) shown += chunk
  expect(shown).toBe(printed)
}, 120_000)

test('what is generated into the documents is up to date', () => {
  const { stdout, status } = spawnSync(process.execPath, [join(ROOT, '.ci/docs.mjs'), '--check'], { encoding: 'utf8' })
  expect({ stdout, status }).toEqual({ stdout: '', status: 0 })
})

test('the README has at most 200 lines', () => {
  expect(README.split('\n').length).toBeLessThanOrEqual(200)
})

test('links between documents lead somewhere', () => {
  const dead = DOCUMENTS.flatMap((name) => [...text(name).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].filter(([, path, anchor]) => {
    const target = path === '' ? name : join(dirname(name), path as string)
    if (!existsSync(join(ROOT, target))) return true
    return anchor !== undefined && !anchorsOf(text(target)).includes(anchor)
  }).map(([link]) => `${name}: ${link}`))
  expect(dead).toEqual([])
})

test('the rooms and floors in the architecture are those that the architecture test holds', () => {
  const block = /const FLOOR[^{]*\{([^}]*)\}/.exec(text('test/architecture.test.ts'))?.[1] ?? ''
  const held = [...block.matchAll(/'?([\w-]+)'?: (\d+)/g)].map(([, room, floor]) => `${floor} ${room}`)
  const rows = [...text('docs/architecture.md').matchAll(/^\| (\d+) \| (`[^|]*`) \|/gm)]
  const shown = rows.flatMap(([, floor, rooms]) => [...(rooms as string).matchAll(/[\w-]+/g)].map(([room]) => `${floor} ${room}`))
  expect(held.length).toBeGreaterThan(15)
  expect(shown.sort()).toEqual(held.sort())
})

test('every document is in the table of the README, or linked from one that is', () => {
  const linked = DOCUMENTS.flatMap((name) => [...text(name).matchAll(/\]\(([^)#\s:]+)/g)].map(([, path]) => join(dirname(name), path as string)))
  expect(DOCUMENTS.filter((name) => name !== 'README.md' && !linked.includes(name))).toEqual([])
})

/** The anchors of headings, as GitHub makes them. */
const anchorsOf = (markdown: string) =>
  [...markdown.matchAll(/^#{1,6} (.*)$/gm)].map(([, title]) => (title as string).toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-'))
