// The promise of InfluxDB's API, for 100,000 requests of every sort: nothing arrives at the InfluxDB behind that its table of
// privileges, and what we are stricter in, does not allow to that user; and what arrives is what was judged.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Source } from '../../src/influxql/ast/select.js'
import type { Statement } from '../../src/influxql/ast/statement.js'
import { parseQuery } from '../../src/influxql/parse.js'
import { printStatement } from '../../src/influxql/print.js'
import { signToken } from '../../src/token/sign-token.js'
import { rawClient } from '../gateway/raw-client.js'
import { SHARED_SECRET, startDoor, type TestDoor } from '../support/influxdb-door.js'
import { FUZZ_USERS, type FuzzUser, InfluxdbFuzz } from '../support/influxdb-fuzz.js'
import { type RecordedRequest, type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.js'
import { basic } from '../support/servers.js'

const COUNT = Number(process.env.FUZZ_COUNT ?? 100_000)
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_127)

// --- The table of privileges, as InfluxDB's documents and its recorded answers have it. Knows nothing of our own.

type Need = 'admin' | readonly [bit: 1 | 2, database: string]

const USER_STATEMENTS = ['CREATE USER', 'DROP USER', 'SET PASSWORD', 'GRANT', 'GRANT ADMIN', 'REVOKE', 'REVOKE ADMIN', 'SHOW USERS', 'SHOW GRANTS']

function needsOf(statement: Statement, db: string): readonly Need[] {
  const at = (database: string) => (database === '' ? db : database)
  const reads = (sources: readonly Source[], fallback: string): Need[] =>
    sources.flatMap((source): Need[] => (source.kind === 'measurement' ? [[1, source.database || fallback]] : [...reads(source.select.sources, fallback), ...(source.select.target ? [[2, source.select.target.database || fallback] as const] : [])]))
  const select = ({ sources, target }: Extract<Statement, { kind: 'SELECT' }>, fallback = db): Need[] => [...reads(sources, fallback), ...(target ? [[2, target.database || fallback] as const] : [])]
  switch (statement.kind) {
    case 'SELECT': return select(statement)
    case 'EXPLAIN': return select(statement.select)
    case 'CREATE CONTINUOUS QUERY': return [[1, at(statement.database)], ...select(statement.select, at(statement.database))]
    case 'DROP CONTINUOUS QUERY': case 'DROP RETENTION POLICY': return [[2, at(statement.database)]]
    case 'DELETE': case 'DROP SERIES': return [[2, db]]
    case 'SHOW DATABASES': return []
    case 'SHOW QUERIES': case 'SHOW CONTINUOUS QUERIES': return [[1, db]]
    case 'SHOW RETENTION POLICIES': return [[1, at(statement.database)]]
    case 'SHOW MEASUREMENTS': return [[1, at(statement.database)], ...reads(statement.source ? [statement.source] : [], at(statement.database))]
    case 'SHOW SERIES': case 'SHOW FIELD KEYS': case 'SHOW TAG KEYS': case 'SHOW TAG VALUES':
    case 'SHOW SERIES CARDINALITY': case 'SHOW MEASUREMENT CARDINALITY': case 'SHOW TAG KEY CARDINALITY': case 'SHOW TAG VALUES CARDINALITY': case 'SHOW FIELD KEY CARDINALITY':
      return [[1, at(statement.database)], ...reads(statement.sources, at(statement.database))]
  }
  return ['admin']
}

function mayUse(user: FuzzUser, need: Need): boolean {
  if (user.isAdmin) return true
  if (need === 'admin') return false
  const [bit, database] = need
  return (((user.rights[database] ?? 0) | (user.rights[''] ?? 0)) & bit) === bit
}

// --- What is wrong with a request that has arrived

const ALLOWED_PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  '/query': ['q', 'db', 'rp', 'epoch', 'chunked', 'chunk_size', 'node_id', 'pretty', 'async'],
  '/write': ['db', 'rp', 'precision', 'consistency'],
  '/api/v1/prom/write': ['db', 'rp'],
  '/api/v1/prom/read': ['db', 'rp'],
}
const SECRET = /pw-|Basic|Bearer|eyJ|[Aa]uthorization|u-ghost/

function wrongWith({ method, target, head, headers, body }: RecordedRequest, user: FuzzUser | undefined, kinds: Map<string, number>): string | undefined {
  if (user === undefined) return 'nobody asked for it'
  if (SECRET.test(head)) return 'credentials in its head'
  const [path = '', query = ''] = target.split(/\?(.*)/s)
  kinds.set(path, (kinds.get(path) ?? 0) + 1)
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  if (path.startsWith('/debug/')) return /^\/debug\/(?:vars|requests|pprof)(?:\/|$)/.test(path) && user.isAdmin ? undefined : 'not for them'
  if (['/ping', '/status', '/health', '/metrics'].includes(path)) return undefined
  if (path === '/api/v2/query') return user.isAdmin ? undefined : 'Flux is for administrators'
  const names = ALLOWED_PARAMETERS[path]
  if (names === undefined) return 'no such endpoint'
  const parameters = new URLSearchParams(query)
  if (path !== '/query') {
    const db = parameters.get('db') ?? ''
    if (new Set(parameters.keys()).size !== [...parameters.keys()].length || [...parameters.keys()].some((name) => !names.includes(name))) return 'parameters'
    return mayUse(user, [path.endsWith('read') ? 1 : 2, db]) ? undefined : `no privilege on ${db}`
  }
  if (method === 'POST' && type !== 'application/x-www-form-urlencoded') return `of type ${type}`
  if (method !== 'POST' && body !== '') return 'GET with a body'
  for (const [name, value] of method === 'POST' ? new URLSearchParams(body) : []) parameters.append(name, value)
  const keys = [...parameters.keys()]
  if (new Set(keys).size !== keys.length || keys.some((name) => !names.includes(name))) return 'parameters'
  const text = parameters.get('q') ?? ''
  const { statements, error } = parseQuery(text)
  if (error) return `not InfluxQL: ${error.message}`
  if (statements.map(printStatement).join('; ') !== text) return 'not canonical'
  for (const statement of statements) {
    kinds.set(statement.kind, (kinds.get(statement.kind) ?? 0) + 1)
    if (USER_STATEMENTS.includes(statement.kind)) return 'a statement about users'
    const missing = needsOf(statement, parameters.get('db') ?? '').find((need) => !mayUse(user, need))
    if (missing !== undefined) return `${user.name} needs ${missing} for ${statement.kind}`
  }
  return undefined
}

// --- The world

let upstream: RecordingUpstream
let door: TestDoor

const answerOf = (body: string) => `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
const DATABASES = answerOf('{"results":[{"statement_id":0,"series":[{"name":"databases","columns":["name"],"values":[["db"],["a"],["cpu"],["d b"]]}]}]}\n')
const FAILED = answerOf('{"results":[{"statement_id":0,"error":"no"}]}\n')
const EMPTY = answerOf('{"results":[{"statement_id":0}]}\n')

beforeAll(async () => {
  upstream = await startRecordingUpstream()
  upstream.answer(({ target, body }) => {
    const text = target + body
    return text.includes('SHOW%20DATABASES') ? DATABASES : text.includes('DROP%20DATABASE') ? FAILED : EMPTY
  })
  door = await startDoor(upstream.url, { 'influxdb.pprof-auth-enabled': true })
  const [admin, ...others] = FUZZ_USERS as [FuzzUser, ...FuzzUser[]]
  const authorization = basic(admin.name, admin.password)
  const query = async (q: string) => expect(await (await fetch(`${door.url}/query`, { method: 'POST', headers: { authorization }, body: new URLSearchParams({ q }) })).text()).not.toContain('error')
  const change = async (path: string, body: object) => expect((await fetch(door.metaNode + path, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify(body) })).status).toBe(200)
  await query(`CREATE USER "${admin.name}" WITH PASSWORD '${admin.password}' WITH ALL PRIVILEGES`)
  for (const { name, password, rights } of others) {
    await query(`CREATE USER "${name}" WITH PASSWORD '${password}'`)
    for (const [database, bits] of Object.entries(rights)) {
      const names = [...(bits & 1 ? ['ReadData'] : []), ...(bits & 2 ? ['WriteData'] : [])]
      if (name !== 'u-role') await change('/user', { action: 'add-permissions', user: { name, permissions: { [database]: names } } })
    }
  }
  // One half by a role, the other by another
  for (const [name, permissions] of [['r1', { a: ['ReadData'] }], ['r2', { a: ['WriteData'], db: ['WriteData'] }]] as const) {
    await change('/role', { action: 'create', role: { name } })
    await change('/role', { action: 'add-permissions', role: { name, permissions } })
    await change('/role', { action: 'add-users', role: { name, users: ['u-role'] } })
  }
})

afterAll(async () => {
  await door?.close()
  await upstream?.close()
})

test(`${COUNT} requests: nothing arrives that the table does not allow, and only what was judged`, async () => {
  const tokens = new Map<string, string>()
  for (const { name } of FUZZ_USERS) tokens.set(name, await signToken({ secret: SHARED_SECRET, username: name, expiresAt: Date.now() + 3_600_000 }))
  const fuzz = new InfluxdbFuzz(SEED, tokens)
  const port = Number(new URL(door.url).port)
  const kinds = new Map<string, number>()
  const statuses = new Map<number, number>()
  const wrong: string[] = []
  let client = await rawClient(port)
  for (let i = 0; i < COUNT && wrong.length < 10; i++) {
    const { bytes, method, user } = fuzz.next()
    upstream.requests.length = 0
    client.send(bytes)
    const { status, headers, body } = await client.answer(method)
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    if (status >= 500) wrong.push(`${status} ${body} to ${bytes}`)
    for (const request of upstream.requests) {
      const fault = wrongWith(request, user, kinds)
      if (fault !== undefined) wrong.push(`${fault}: ${request.method} ${request.target} ${request.body} of ${bytes}`)
    }
    if (headers.connection === 'close') {
      client.close()
      client = await rawClient(port)
    }
  }
  client.close()
  expect(wrong).toEqual([])
  // It would be easy if nothing arrived at all
  const arrived = (name: string) => (kinds.get(name) ?? 0) / COUNT
  if (process.env.FUZZ_COUNTS) process.stderr.write(`${JSON.stringify([...statuses])}\n${JSON.stringify([...kinds])}\n`)
  if (COUNT < 20_000) return // a short run by hand
  expect(arrived('/query')).toBeGreaterThan(0.15)
  for (const name of ['/write', 'SELECT', 'SHOW SERIES', 'SHOW TAG VALUES CARDINALITY', 'DELETE', 'CREATE CONTINUOUS QUERY', 'DROP RETENTION POLICY', 'EXPLAIN', 'CREATE DATABASE', '/debug/vars', '/api/v2/query', '/api/v1/prom/read']) expect([name, arrived(name) > 0]).toEqual([name, true])
  for (const status of [200, 400, 401, 403, 404, 405]) expect([status, (statuses.get(status) ?? 0) / COUNT > 0.005]).toEqual([status, true])
}, 900_000)
