import { readFileSync } from 'node:fs'
import Koa from 'koa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { type KapacitorAuth, kapacitorAuth } from '../../src/middleware/kapacitor-auth.js'
import { answerClientError } from '../../src/server/client-error.js'
import { bytesOf, difference, exchange, type RecordedCase } from '../support/replay.js'
import { startServer, type TestServer } from '../support/servers.js'
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
let auth: KapacitorAuth
let server: TestServer

beforeAll(async () => {
  meta = await startStandInMetaNode(fixture('kapacitor-users.json').users)
  const overrides = { 'auth.meta-addr': `127.0.0.1:${meta.port}`, 'http.shared-secret': SECRET }
  auth = kapacitorAuth(loadConfig({ file: false, env: {}, overrides }))
  const app = new Koa().use(auth).use((ctx) => {
    // The recorded application's own answer, and the only one that a case expects of it: there is no body to read
    ctx.status = ctx.method === 'PATCH' && ctx.path.startsWith('/kapacitor/v1/users/') ? 400 : 200
  })
  server = await startServer(app.callback())
  server.server.on('clientError', answerClientError)
})

afterAll(async () => {
  await Promise.all([server.close(), auth.close(), meta.close()])
})

const groups = [...new Set(cases.map((c) => c.group))]

describe('answers as the recorded Kapacitor does, but for our deviations', () => {
  test.each(groups)('%s', async (group) => {
    const wrong: string[] = []
    for (const c of cases) {
      if (c.group !== group || DISPUTED.test(c.name)) continue
      const why = difference(c, await exchange(server.port, bytesOf(c, SECRET, Date.now())))
      if (why) wrong.push(`${c.name}${c.deviation ? ` [${c.deviation}]` : ''}: ${why}`)
    }
    expect(wrong).toEqual([])
  }, 120_000)

  test('who may not manage users may not create one either', async () => {
    const disputed = cases.filter((c) => DISPUTED.test(c.name))
    expect(disputed).toHaveLength(4)
    for (const c of disputed) {
      expect(await exchange(server.port, bytesOf(c, SECRET, Date.now()))).toMatchObject({ status: 403 })
    }
  })
})
