// Which queries tell that there may be other retention policies than before: those that succeeded, and no others.
import Koa from 'koa'
import { expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load-config.js'
import { createInfluxdbParts } from '../../../src/gateway/influxdb/create-influxdb-parts.js'
import type { Engine } from '../../../src/gateway/influxdb/upstream/engine.js'
import type { UserAdministration } from '../../../src/gateway/influxdb/users/user-administration.js'
import type { Statement } from '../../../src/influxql/ast/statement.js'
import { startServer } from '../../support/servers.js'

/** An InfluxDB to which whatever is called `bad` is an error. */
const answerOf = (statement: Statement) => (JSON.stringify(statement, (_key, value) => (typeof value === 'bigint' ? String(value) : value)).includes('bad') ? { error: 'it fails' } : {})
const engine = {
  run: async (statement: Statement) => answerOf(statement),
  databases: async () => [],
  runChunked: async (statement: Statement) => [answerOf(statement)],
  banner: () => ({ version: undefined, build: undefined }),
} as unknown as Engine
const users = { forgetDatabase: async () => {} } as unknown as UserAdministration

/** How often it was told, and how many queries went on to InfluxDB in one piece. */
async function ask(q: string, { isWatched = true, parameters = '' } = {}) {
  let told = 0
  let streamed = 0
  const config = loadConfig({ file: false, env: {}, overrides: { 'influxdb.auth-enabled': false } })
  const { api } = createInfluxdbParts(config, { login: undefined, users, engine, logger: undefined, onDecision: undefined, onPolicyChange: isWatched ? () => { told++ } : undefined })
  const server = await startServer(new Koa().use(api).use((ctx) => { streamed++; ctx.status = 204 }).callback())
  const answer = await fetch(`${server.url}/query?${parameters}`, { method: 'POST', body: new URLSearchParams({ q }) })
  expect([200, 204]).toContain(answer.status)
  await server.close()
  return { told, streamed }
}

test.each<[string, number]>([
  // query                                                                  told
  ['CREATE DATABASE a',                                                     1],
  ['CREATE DATABASE a WITH DURATION 1d NAME b',                             1],
  ['CREATE RETENTION POLICY b ON a DURATION 1d REPLICATION 1',              1],
  ['ALTER RETENTION POLICY b ON a DURATION 2d',                             1],
  ['DROP RETENTION POLICY b ON a',                                          1],
  ['DROP DATABASE a',                                                       1],
  ['SELECT * FROM m; CREATE DATABASE a',                                    1],
  ['CREATE DATABASE a; CREATE RETENTION POLICY b ON a DURATION 1d REPLICATION 1', 2],
  ['CREATE DATABASE a; CREATE DATABASE bad',                                1],
  ['CREATE DATABASE bad; CREATE DATABASE a',                                0],
  ['SHOW RETENTION POLICIES ON bad; DROP DATABASE a',                       0],
  ['CREATE DATABASE bad',                                                   0],
  ['CREATE RETENTION POLICY bad ON a DURATION 1d REPLICATION 1',            0],
  ['ALTER RETENTION POLICY bad ON a DURATION 2d',                           0],
  ['DROP RETENTION POLICY bad ON a',                                        0],
  ['DROP DATABASE bad',                                                     0],
  ['SHOW DATABASES',                                                        0],
])('%s', async (q, told) => {
  expect(await ask(q)).toMatchObject({ told })
  expect(await ask(q, { parameters: 'chunked=true' })).toMatchObject({ told })
})

test.each<[string, number]>([
  // query                                                    streamed
  ['CREATE DATABASE a',                                       1],
  ['DROP RETENTION POLICY b ON a; SELECT * FROM m',           1],
  ['DROP DATABASE a',                                         0],
])('where nobody wants to know, only DROP DATABASE passes through the gateway\'s hands: %s', async (q, streamed) => {
  expect(await ask(q, { isWatched: false })).toEqual({ told: 0, streamed })
})

test.each(['SELECT * FROM m', 'SHOW RETENTION POLICIES ON a'])('what changes nothing is streamed where somebody wants to know, too: %s', async (q) => {
  expect(await ask(q)).toEqual({ told: 0, streamed: 1 })
})
