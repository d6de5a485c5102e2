import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { transpiled } from '../registry/transpiled.js'
import { quickHash } from '../support/fixed-hasher.js'
import { temporaryDirectory } from '../support/program.js'
import { basic } from '../support/servers.js'
import { type StandInMetaNode, startStandInMetaNode } from '../support/stand-in-meta-node.js'

/**
 * The middleware as it is, in a process of its own, asking a meta node. At the word it collects garbage and looks for
 * texts in a heap snapshot of its own thread and of each hashing thread: it tells which it has found, and where. The
 * texts come over IPC as hex, so that they are not in memory for being looked for.
 */
const program = (src: string) => `
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { writeHeapSnapshot } from 'node:v8'
import Koa from ${JSON.stringify(createRequire(import.meta.url).resolve('koa'))}
import { kapacitorAuth, loadConfig } from ${JSON.stringify(join(src, 'index.js'))}

const threads = []
process.on('worker', (worker) => threads.push(worker))
const overrides = JSON.parse(process.argv[2])
const app = new Koa()
app.use(kapacitorAuth(loadConfig({ file: false, env: {}, overrides })))
app.use((ctx) => {
  ctx.body = { tasks: [] }
})
const kept = []
const server = createServer(app.callback())
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))

process.on('message', async ({ keep, file, hex }) => {
  if (keep) return void kept.push(Buffer.from(keep, 'hex').toString())
  for (let i = 0; i < 6; i++) {
    globalThis.gc()
    await pause(20)
  }
  const files = [writeHeapSnapshot(file)]
  for (const [i, thread] of threads.entries()) {
    const path = file + '.' + i
    await writeFile(path, await thread.getHeapSnapshot())
    files.push(path)
  }
  const found = []
  for (const [i, path] of files.entries()) {
    const snapshot = readFileSync(path)
    for (const text of hex) if (snapshot.includes(Buffer.from(text, 'hex'))) found.push([i, text])
  }
  process.send({ threads: threads.length, found })
})
process.on('disconnect', () => process.exit())
`

/** Passwords that are nowhere else. */
const SECRET = {
  basic: 'Qa7-known-by-Basic',
  query: 'Qb7-known-by-query',
  again: 'Qc7-asked-for-twice',
  wrong: 'Qd7-wrong-one',
  nobody: 'Qe7-of-nobody',
  ldap: 'Qf7-in-LDAP',
  open: 'Qg7-on-a-connection-that-stays-open',
  kept: 'Qh7-kept-on-purpose',
}

let metaNode: StandInMetaNode
const src = transpiled()
const directory = temporaryDirectory() // a snapshot in dist/ would get into the package

beforeAll(async () => {
  writeFileSync(join(directory.path, 'program.mjs'), program(src))
  const permissions = { '': ['KapacitorAPI'] }
  const user = (name: keyof typeof SECRET) => ({ name, hash: quickHash(SECRET[name]), permissions })
  metaNode = await startStandInMetaNode([user('basic'), user('query'), user('again'), user('open'), user('kept'), { name: 'ldap', ldap: true, password: SECRET.ldap, permissions }])
})

afterAll(async () => {
  await metaNode.close()
  directory.remove()
})

async function ask(port: number, agent: Agent, path: string, authorization?: string): Promise<number> {
  const headers = authorization === undefined ? {} : { authorization }
  const req = request({ host: '127.0.0.1', port, agent, path, headers }).end()
  const [res] = await once(req, 'response')
  await once(res.resume(), 'end')
  return res.statusCode
}

/** What must not be found: the password, and the header that it came in. */
const traces = (name: string, password: string) => [password, basic(name, password).slice(6)].map((text) => Buffer.from(text).toString('hex'))

/** Where in the header's base64 the name ends depends on its length: what remains of a part of it is looked for as well. */
const namesOf = (found: [number, string][]) => found.map(([thread, hex]) => [thread, Buffer.from(hex, 'hex').toString()])

describe.each([
  ['with digest',    { 'auth.digest-enabled': 'true' }],
  ['without digest', { 'auth.digest-enabled': 'false', 'auth.bcrypt-cost': '5' }],
])('no password is left in memory: %s', (_says, overrides) => {
  let child: ChildProcess
  let port: number

  beforeAll(async () => {
    const settings = { 'auth.meta-addr': `127.0.0.1:${metaNode.port}`, ...overrides }
    child = fork(join(directory.path, 'program.mjs'), [JSON.stringify(settings)], { execArgv: ['--expose-gc'] })
    ;[{ port }] = (await once(child, 'message')) as [{ port: number }]
  })

  afterAll(async () => {
    if (!child.connected) return
    child.disconnect()
    await once(child, 'exit')
  })

  async function look(hex: string[]): Promise<{ threads: number; found: [number, string][] }> {
    child.send({ file: join(directory.path, 'heap'), hex })
    const gone = once(child, 'exit').then(() => Promise.reject(new Error('the child has died')))
    const [answer] = await Promise.race([once(child, 'message'), gone])
    return answer
  }

  test('of who signed in, who was refused, and who is in LDAP', async () => {
    const agent = new Agent()
    const { basic: known, query, again, wrong, nobody, ldap } = SECRET
    const tasks = '/kapacitor/v1/tasks'
    const statuses = [
      await ask(port, agent, tasks, basic('basic', known)),
      await ask(port, agent, `${tasks}?u=query&p=${query}`),
      await ask(port, agent, tasks, basic('again', again)),
      await ask(port, agent, tasks, basic('again', again)),
      await ask(port, agent, tasks, basic('basic', wrong)),
      await ask(port, agent, tasks, basic('nobody', nobody)),
      await ask(port, agent, `${tasks}?u=nobody&p=${nobody}`),
      await ask(port, agent, tasks, basic('ldap', ldap)),
    ]
    expect(statuses).toEqual([200, 200, 200, 200, 401, 401, 401, 200])
    const { threads, found } = await look([
      ...traces('basic', known), ...traces('query', query), ...traces('again', again),
      ...traces('basic', wrong), ...traces('nobody', nobody), ...traces('ldap', ldap),
    ])
    expect(threads).toBeGreaterThan(0)
    expect(namesOf(found)).toEqual([])
  })

  test('while the connection stays open', async () => {
    const keepAlive = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let i = 0; i < 3; i++) expect(await ask(port, keepAlive, '/kapacitor/v1/tasks', basic('open', SECRET.open))).toBe(200)
    const { found } = await look(traces('open', SECRET.open))
    keepAlive.destroy()
    expect(namesOf(found)).toEqual([])
  })

  test('and one that is kept is found', async () => {
    child.send({ keep: Buffer.from(SECRET.kept).toString('hex') })
    const { found } = await look(traces('kept', SECRET.kept))
    expect(namesOf(found)).toEqual([[0, SECRET.kept]])
  })
})
