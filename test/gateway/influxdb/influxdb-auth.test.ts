// influxdbAuth as middleware, for an API that looks like InfluxDB's, with a real meta node.
import Koa from 'koa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type InfluxdbAuth, influxdbAuth, loadConfig, printStatement, type Statement } from '../../../src/index.js'
import type { EmbeddedMetaNode } from '../../../src/serve/meta-node/embedded-meta-node.js'
import { change, hostOf, SECRET, startNode } from '../../support/meta-cluster.js'
import { temporaryDirectory } from '../../support/program.js'
import { basic, startServer, type TestServer } from '../../support/servers.js'

const directory = temporaryDirectory()
let node: EmbeddedMetaNode
let auth: InfluxdbAuth
let server: TestServer

beforeAll(async () => {
  node = await startNode(directory.path)
  const config = loadConfig({
    file: false,
    env: {},
    overrides: { 'auth.meta-addr': hostOf(node), 'auth.meta-internal-shared-secret': SECRET },
  })

  // The example
  auth = influxdbAuth(config, { databases: async () => ['telegraf'] })
  const app = new Koa()
  app.use(auth)
  app.use((ctx) => {
    const { user, statements = [], parameters } = ctx.state
    const asked = statements.map((statement: Statement) => printStatement(statement))
    ctx.body = { user: user.name, asked, database: parameters?.db }
  })
  // End of the example

  server = await startServer(app.callback())
})

afterAll(async () => {
  await auth?.close()
  await server?.close()
  await node?.close()
  directory.remove()
})

async function ask(query: string, who: string, path = '/query?db=telegraf'): Promise<{ status: number; body: Record<string, unknown> }> {
  const [name = '', password = ''] = who.split(':')
  const answer = await fetch(server.url + path, {
    method: 'POST',
    headers: { authorization: basic(name, password) },
    body: new URLSearchParams({ q: query }),
  })
  return { status: answer.status, body: await answer.json() as Record<string, unknown> }
}

const ADMIN = 'admin:the admin password'

test('statements about users are answered, at the meta node; all others go on, parsed and authorized', async () => {
  expect(await ask("CREATE USER ann WITH PASSWORD 'pw of ann'; GRANT READ ON telegraf TO ann", ADMIN)).toEqual({ status: 200, body: { results: [{ statement_id: 0 }, { statement_id: 1 }] } })
  const { status, body } = await ask('select * from cpu', 'ann:pw of ann')
  expect(status).toBe(200)
  expect(body).toEqual({ user: 'ann', asked: ['SELECT * FROM cpu'], database: 'telegraf' })
  expect(await ask('SHOW GRANTS FOR ann', ADMIN)).toMatchObject({ body: { results: [{ series: [{ values: [['telegraf', 'READ']] }] }] } })
})

describe('what is refused never reaches the application', () => {
  test.each([
    // says                              query                                    who              status  error
    ['a wrong password',                 'SHOW DATABASES',                        'ann:nope',       401,   'authorization failed'],
    ['a missing privilege',              'DELETE FROM cpu',                       'ann:pw of ann',  403,   "error authorizing query: ann not authorized to execute statement 'DELETE FROM cpu', requires WRITE on telegraf"],
    ['another database',                 'SELECT * FROM other..cpu',              'ann:pw of ann',  403,   "error authorizing query: ann not authorized to execute statement 'SELECT * FROM other..cpu', requires READ on other"],
    ['a text that is not InfluxQL',      'SHOW',                                  ADMIN,            400,   expect.stringContaining('error parsing query: found EOF')],
    ['no query',                         ' ',                                     ADMIN,            400,   'missing required parameter "q"'],
    ['statements about users with others', 'SHOW USERS; SHOW DATABASES',          ADMIN,            400,   'statements about users cannot be mixed with others in one request'],
  ])('%s', async (_says, query, who, status, error) => {
    expect(await ask(query, who)).toEqual({ status, body: { error } })
  })

  test('a write without WRITE, and to a database that is not there', async () => {
    expect(await ask('', 'ann:pw of ann', '/write?db=telegraf')).toEqual({ status: 403, body: { error: '"ann" user is not authorized to write to database "telegraf"' } })
    expect(await ask('', 'ann:pw of ann', '/write?db=nowhere')).toEqual({ status: 404, body: { error: 'database not found: "nowhere"' } })
  })
})

test('a write with WRITE goes on, its body unread', async () => {
  await ask('GRANT ALL ON telegraf TO ann', ADMIN)
  expect(await ask('', 'ann:pw of ann', '/write?db=telegraf')).toEqual({ status: 200, body: { user: 'ann', asked: [] } })
})

test('paths that are not InfluxDB\'s are left alone', async () => {
  const app = new Koa().use(auth).use((ctx) => { ctx.body = 'mine' })
  const other = await startServer(app.callback())
  expect(await (await fetch(`${other.url}/elsewhere`)).text()).toBe('mine')
  await other.close()
})

test('a change at the meta node counts with the next request', async () => {
  await change(node, '/user', { action: 'create', user: { name: 'bob', password: 'pw of bob' } })
  expect((await ask('SHOW MEASUREMENTS', 'bob:pw of bob')).status).toBe(403)
  await ask('GRANT READ ON telegraf TO bob', ADMIN)
  expect((await ask('SHOW MEASUREMENTS', 'bob:pw of bob')).status).toBe(200)
  await ask("SET PASSWORD FOR bob = 'another one'", ADMIN)
  expect((await ask('SHOW MEASUREMENTS', 'bob:pw of bob')).status).toBe(401)
  expect((await ask('SHOW MEASUREMENTS', 'bob:another one')).status).toBe(200)
  await ask('DROP USER bob', ADMIN)
  expect((await ask('SHOW MEASUREMENTS', 'bob:another one')).status).toBe(401)
})

test('the last administrator stays', async () => {
  for (const query of ['DROP USER admin', 'REVOKE ALL PRIVILEGES FROM admin']) {
    expect(await ask(query, ADMIN)).toMatchObject({ status: 200, body: { results: [{ error: 'the last administrator must stay one' }] } })
  }
})
