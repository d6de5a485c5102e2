import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import Koa from 'koa'
import { afterEach, expect, test } from 'vitest'
import { createUpstream, forward, holdContinue, listen, refuseConnect, screening } from '../../src/gateway-parts.js'
import { kapacitorAuth, loadConfig } from '../../src/index.js'
import { parseQuery, printRedacted, requiredPrivileges, strictPrivileges } from '../../src/influxql-parts.js'
import { startMetaNode } from '../../src/meta-node-parts.js'
import { temporaryDirectory } from '../support/program.js'
import { basic, startServer } from '../support/servers.js'

const ROOT = resolve(import.meta.dirname, '../..')
const TASKS = '/kapacitor/v1/tasks'
const PASSWORD = 'the admin password'

const ends: (() => unknown)[] = []
afterEach(async () => { for (const end of ends.splice(0).reverse()) await end() })

test('every part that package.json names is a file of ours, and has its types', () => {
  const { exports } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')) as { exports: Record<string, { types: string; default: string }> }
  const { './package.json': _, ...parts } = exports
  expect(Object.keys(parts)).toEqual(['.', './gateway', './meta-node', './influxql'])
  for (const { types, default: file } of Object.values(parts)) {
    expect(types).toBe(file.replace(/\.js$/, '.d.ts'))
    expect(readFileSync(resolve(ROOT, file.replace('./dist/', 'src/').replace(/\.js$/, '.ts')), 'utf8')).toContain('export')
  }
})

/** A gateway and its users, put together of the parts that the package offers. */
async function startOwnServer() {
  const directory = temporaryDirectory()
  ends.push(directory.remove)
  const seen: string[] = []
  const upstream = await startServer((req, res) => {
    seen.push(`${req.method} ${req.url} ${req.headers['x-forwarded-user']}`)
    res.end('forwarded')
  })
  ends.push(upstream.close)
  const config = loadConfig({
    file: false,
    env: {},
    overrides: { 'meta.http-bind-address': '127.0.0.1:0', 'meta.dir': directory.path, 'meta.bcrypt-cost': '4', 'meta.admin-password': PASSWORD, 'http.log-enabled': 'false' },
  })
  const logger = { info() {}, warn() {}, error() {} }
  const metaNode = await startMetaNode(config, logger)
  ends.push(metaNode.close)
  await metaNode.makeFirstAdmin(async () => {})
  const { directory: users, hasher } = metaNode.accounts
  const auth = kapacitorAuth(config, { logger, directory: users, hasher })
  ends.push(auth.close)
  const to = createUpstream({ url: upstream.url })
  ends.push(to.close)
  const app = new Koa()
  app.use(screening())
  app.use(auth)
  app.use(forward(to))
  const server = await listen(app.callback(), {
    address: '127.0.0.1:0',
    option: 'the address of the test',
    prepare(server, handle, onRefusal) {
      holdContinue(server, handle)
      refuseConnect(server, onRefusal)
    },
  })
  ends.push(() => server.close(0))
  return { seen, ask: (init: RequestInit) => fetch(server.url + TASKS, init) }
}

test.each([
  // says                     request                                                         status  seen
  ['nobody',                  {},                                                             401,    []],
  ['a wrong password',        { headers: { authorization: basic('admin', 'wrong') } },        401,    []],
  ['an unknown method',       { method: 'BREW' },                                             405,    []],
  ['the administrator',       { headers: { authorization: basic('admin', PASSWORD) } },       200,    [`GET ${TASKS} admin`]],
])('a server of one\'s own, with its own meta node: %s', async (_says, init, status, expected) => {
  const { seen, ask } = await startOwnServer()
  const answer = await ask(init)
  expect([answer.status, seen]).toEqual([status, expected])
})

test.each([
  // query                                    printed                                            strict                                          InfluxDB's own
  ['SELECT * FROM telegraf..cpu',             'SELECT * FROM telegraf..cpu',                     [['telegraf', 'read', false]],                  [['telegraf', 'read', false]]],
  ["create user ann with password 'x'",       'CREATE USER ann WITH PASSWORD [REDACTED]',        [['', 'all', true]],                            [['', 'all', true]]],
])('InfluxQL: %s', (query, printed, strict, required) => {
  const { statements = [], error } = parseQuery(query)
  expect(error).toBeUndefined()
  const shown = (list: ReturnType<typeof strictPrivileges>) => list.map(({ database, privilege, admin }) => [database, privilege, admin])
  expect(statements.map(printRedacted)).toEqual([printed])
  expect(statements.flatMap((one) => shown(strictPrivileges(one)))).toEqual(strict)
  expect(statements.flatMap((one) => shown(requiredPrivileges(one)))).toEqual(required)
})
