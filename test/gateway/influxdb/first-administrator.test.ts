// [meta] first-admin = "query": the first administrator is made by a query, as InfluxDB does it.
import { request } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { startDoor, type TestDoor } from '../../support/influxdb-door.js'
import { type RecordingUpstream, startRecordingUpstream } from '../../support/recording-upstream.js'
import { basic } from '../../support/servers.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => { for (const close of closing.splice(0).reverse()) await close() })

async function start(overrides: Record<string, unknown> = {}): Promise<{ door: TestDoor; upstream: RecordingUpstream }> {
  const upstream = await startRecordingUpstream()
  const door = await startDoor(upstream.url, overrides)
  closing.push(upstream.close, door.close)
  return { door, upstream }
}

function query(door: TestDoor, q: string, headers: Record<string, string> = {}): Promise<string> {
  const url = new URL(`/query?q=${encodeURIComponent(q)}`, door.url)
  return new Promise((resolve, reject) => {
    request(url, { method: 'POST', headers }, async (answer) => {
      let text = ''
      for await (const chunk of answer) text += chunk
      resolve(`${answer.statusCode} ${text.trim()}`)
    }).on('error', reject).end()
  })
}

const ADMIN = "CREATE USER admin WITH PASSWORD 'adminpw' WITH ALL PRIVILEGES"
const REFUSED = '403 {"error":"error authorizing query: create admin user first or disable authentication"}'

describe('while there are no users', () => {
  test.each([
    // says                             query                                                   headers
    ['another statement',               'SHOW DATABASES',                                        {}],
    ['a user without the privilege',    "CREATE USER ann WITH PASSWORD 'annpw'",                 {}],
    ['another statement behind',        `${ADMIN}; SHOW DATABASES`,                              {}],
    ['the same one behind',             `${ADMIN}; ${ADMIN}`,                                    {}],
    ['behind another statement',        `SHOW DATABASES; ${ADMIN}`,                              {}],
    ['whatever the credentials',        'SHOW DATABASES',                                        { authorization: basic('root', 'root') }],
    ['sent on by a proxy',              ADMIN,                                                   { 'X-Forwarded-For': '192.0.2.1' }],
    ['sent on by another proxy',        ADMIN,                                                   { Forwarded: 'for=192.0.2.1' }],
  ])('refused: %s', async (_says, q, headers) => {
    const { door, upstream } = await start()
    upstream.requests.splice(0)
    expect(await query(door, q, headers)).toBe(REFUSED)
    expect(upstream.requests.filter(({ target }) => target !== '/ping')).toEqual([])
    expect(await query(door, ADMIN)).toBe('200 {"results":[{"statement_id":0}]}')
  })

  test('told otherwise, from anywhere', async () => {
    const { door } = await start({ 'meta.first-admin-from': 'anywhere' })
    expect(await query(door, ADMIN, { 'X-Forwarded-For': '192.0.2.1' })).toBe('200 {"results":[{"statement_id":0}]}')
  })

  test('of many at the same time one is made, and that one can sign in', async () => {
    const { door } = await start()
    const names = ['a', 'b', 'c', 'd', 'e']
    const answers = await Promise.all(names.map((name) => query(door, ADMIN.replace('admin', name))))
    const made = names.filter((_, i) => answers[i] === '200 {"results":[{"statement_id":0}]}')
    expect(made).toHaveLength(1)
    expect(await query(door, 'SHOW USERS', { authorization: basic(made[0] ?? '', 'adminpw') })).toContain(`[["${made[0]}",true]]`)
  })

  test('a password that cannot be one is refused, and the next one taken', async () => {
    const { door } = await start({ 'meta.password-min-length': 5 })
    expect(await query(door, ADMIN.replace('adminpw', ''))).toContain('password must not be empty')
    expect(await query(door, ADMIN.replace('adminpw', 'four'))).toContain('at least 5 characters')
    expect(await query(door, ADMIN)).toBe('200 {"results":[{"statement_id":0}]}')
  })
})

test('with it, credentials count', async () => {
  const { door } = await start()
  await query(door, ADMIN)
  expect(await query(door, ADMIN)).toBe('401 {"error":"unable to parse authentication credentials"}')
  expect(await query(door, 'SHOW USERS', { authorization: basic('admin', 'adminpw') })).toContain('200 ')
})

test('while there are users, but no administrator, nobody may do anything', async () => {
  const { door } = await start({ 'meta.auth-enabled': false })
  const create = { action: 'create', user: { name: 'ann', password: 'pw of ann' } }
  const made = await fetch(`${door.metaNode}/user`, { method: 'POST', body: JSON.stringify(create) })
  expect(made.status).toBe(200)
  for (const q of [ADMIN, 'SHOW DATABASES']) {
    expect(await query(door, q, { authorization: basic('ann', 'pw of ann') })).toBe('403 {"error":"error authorizing query: no user provided"}')
  }
})

test('otherwise the first start makes one, and no query does', async () => {
  const { door } = await start({ 'meta.first-admin': 'start', 'meta.admin-password': 'the admin password' })
  expect(await query(door, ADMIN)).toBe('401 {"error":"unable to parse authentication credentials"}')
  expect(await query(door, 'SHOW USERS', { authorization: basic('admin', 'the admin password') })).toBe(
    '200 {"results":[{"statement_id":0,"series":[{"columns":["user","admin"],"values":[["admin",true]]}]}]}')
})
