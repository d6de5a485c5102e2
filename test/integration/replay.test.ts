import { readFileSync } from 'node:fs'
import Koa from 'koa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { createUpstream } from '../../src/gateway/connections/upstream.js'
import { forward } from '../../src/gateway/forward.js'
import { screening } from '../../src/gateway/screening.js'
import { kapacitorAuth } from '../../src/middleware/kapacitor-auth.js'
import { answerClientError } from '../../src/server/client-error.js'
import { holdContinue } from '../../src/server/expectation.js'
import { refuseConnect } from '../../src/server/refuse-connect.js'
import { bytesOf, difference, exchange, type RecordedCase } from '../support/replay.js'
import { startServer } from '../support/servers.js'
import { type StandInMetaNode, startStandInMetaNode } from '../support/stand-in-meta-node.js'

const SECRET = 'a shared secret of the replay'
const fixture = (name: string) => JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8'))
const cases: RecordedCase[] = fixture('kapacitor-cases.json')

/**
 * Cases whose recorded expectation is another than ours, with the reason. They are tagged as deviations, because
 * `/api/users` needs `CreateUserAndRole`, yet expect that a user without it may POST there.
 */
const DISPUTED = /^(?:api|apicfg|apiwrite|apidb) POST \/kapacitor\/v1\/users$/

let meta: StandInMetaNode

beforeAll(async () => {
  meta = await startStandInMetaNode(fixture('kapacitor-users.json').users)
})

afterAll(() => meta.close())

/** The recorded application's own answer, and the only one that a case expects of it: there is no body to read. */
const statusOf = (method: string, path: string) => (method === 'PATCH' && path.startsWith('/kapacitor/v1/users/') ? 400 : 200)

interface Served { readonly port: number; close(): Promise<unknown> }

const login = () => kapacitorAuth(loadConfig({ file: false, env: {}, overrides: { 'auth.meta-addr': `127.0.0.1:${meta.port}`, 'http.shared-secret': SECRET } }))

async function serveMiddleware(): Promise<Served> {
  const auth = login()
  const app = new Koa().use(auth).use((ctx) => { ctx.status = statusOf(ctx.method, ctx.path) })
  const server = await startServer(app.callback())
  server.server.on('clientError', answerClientError)
  return { port: server.port, close: () => Promise.all([server.close(), auth.close()]) }
}

/** A gateway as the program mounts it, in front of the application. */
async function serveGateway(): Promise<Served> {
  const application = await startServer((req, res) => {
    req.resume()
    res.writeHead(statusOf(req.method ?? '', new URL(req.url ?? '', 'http://x').pathname), req.method === 'HEAD' ? {} : { 'Content-Length': '2' })
    res.end(req.method === 'HEAD' ? undefined : 'OK')
  })
  const auth = login()
  const upstream = createUpstream({ url: application.url })
  const app = new Koa().use(screening()).use(auth).use(forward(upstream))
  const server = await startServer(app.callback())
  holdContinue(server.server, app.callback())
  refuseConnect(server.server)
  server.server.on('clientError', answerClientError)
  return {
    port: server.port,
    async close() {
      await Promise.all([server.close(), auth.close()])
      upstream.close()
      await application.close()
    },
  }
}

const groups = [...new Set(cases.map((c) => c.group))]

describe.each([
  ['middleware', serveMiddleware],
  ['gateway',    serveGateway],
])('as %s, answers as the recorded Kapacitor does, but for our deviations', (_says, serve) => {
  let served: Served
  beforeAll(async () => { served = await serve() })
  afterAll(() => served.close())

  test.each(groups)('%s', async (group) => {
    const wrong: string[] = []
    for (const c of cases) {
      if (c.group !== group || DISPUTED.test(c.name)) continue
      const why = difference(c, await exchange(served.port, bytesOf(c, SECRET, Date.now())))
      if (why) wrong.push(`${c.name}${c.deviation ? ` [${c.deviation}]` : ''}: ${why}`)
    }
    expect(wrong).toEqual([])
  }, 120_000)

  test('who may not manage users may not create one either', async () => {
    const disputed = cases.filter((c) => DISPUTED.test(c.name))
    expect(disputed).toHaveLength(4)
    for (const c of disputed) {
      expect(await exchange(served.port, bytesOf(c, SECRET, Date.now()))).toMatchObject({ status: 403 })
    }
  })
})
