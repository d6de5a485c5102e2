// An InfluxDB in trouble: what is not known is not taken for nothing, so nothing is made, dropped or revoked; then it is mended.
import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { createUpstream } from '../../src/gateway/connections/upstream.js'
import { createEngine } from '../../src/gateway/influxdb/upstream/engine.js'
import { destinationOf } from '../../src/subscriptions/destination.js'
import { UNUSED_AGE } from '../../src/subscriptions/revocation-delays.js'
import { createSubscriptionKeeper } from '../../src/subscriptions/subscription-keeper.js'
import { subscriptionName } from '../../src/subscriptions/subscription-name.js'
import { createManualClock } from '../support/manual-clock.js'
import { startServer } from '../support/servers.js'

const ADDRESS = 'http://gateway:9092'
const table = (name: string, columns: string[], ...values: unknown[][]) => JSON.stringify({ results: [{ statement_id: 0, series: [{ name, columns, values }] }] })
const DONE = '{"results":[{"statement_id":0},{"statement_id":1}]}'
const GOOD: Record<string, string> = {
  'SHOW DATABASES': table('databases', ['name'], ['a']),
  'SHOW RETENTION POLICIES': table('', ['name'], ['autogen']),
  'SHOW STATS': '{"results":[{"statement_id":0}]}',
  'SHOW SUBSCRIPTIONS': table('a', ['retention_policy', 'name', 'mode', 'destinations'], ['autogen', 'mine', 'ALL', ['http://x:1']]),
}

const says = (text: string, status = 200) => (res: ServerResponse) => void res.writeHead(status).end(text)
const error = (text: string) => says(JSON.stringify({ results: [{ statement_id: 0, error: text }] }))

const QUIET = { info: () => {}, warn: () => {}, error: () => {} }

/** Is asked for statements, `q`. `asked` is which of those in `GOOD` that is; undefined for a change. */
async function startInfluxdb(answer: (q: string, asked: string | undefined, res: ServerResponse) => void) {
  const server = await startServer(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    const q = new URLSearchParams(body).get('q') ?? ''
    answer(q, Object.keys(GOOD).find((one) => q.startsWith(one)), res)
  })
  const upstream = createUpstream({ url: server.url, connectTimeout: 1_000, responseTimeout: 1_000, idleTimeout: 1_000, maxConnections: 1 })
  async function close(): Promise<void> {
    upstream.close()
    await server.close()
  }
  return { upstream, close }
}

test.each<[string, string, (res: ServerResponse) => void, string]>([
  // statement                  answer                          how                                            problem
  ['SHOW DATABASES',            'an error',                     error('timeout'),                              'timeout'],
  ['SHOW DATABASES',            'another login',                says('{"error":"authorization failed"}', 401), 'set [gateway] influxdb-username'],
  ['SHOW DATABASES',            'a page of a proxy',            says('<html>', 502),                           'status 502'],
  ['SHOW DATABASES',            'a cut connection',             (res) => void res.destroy(),                   'upstream unavailable'],
  ['SHOW DATABASES',            'nothing for long',             () => {},                                      'did not answer in time'],
  ['SHOW RETENTION POLICIES',   'an error',                     error('timeout'),                              'InfluxDB: timeout'],
  ['SHOW RETENTION POLICIES',   'no result',                    says('{"results":[]}'),                        'no answer to a statement'],
  ['SHOW RETENTION POLICIES',   'a user without rights',        says('{"error":"not authorized"}', 403),       'InfluxDB: not authorized'],
  ['SHOW RETENTION POLICIES',   'half an answer',               says('{"results":[{"statement_id'),            'not a result'],
  ['SHOW SUBSCRIPTIONS',        'an error',                     error('engine: shutting down'),                'InfluxDB: engine: shutting down'],
  ['SHOW SUBSCRIPTIONS',        'no result',                    says('{}'),                                    'no answer to a statement'],
  ['SHOW SUBSCRIPTIONS',        'nothing for long',             () => {},                                      'did not answer in time'],
])('%s: %s', async (kind, _answer, answer, problem) => {
  let isInTrouble = true
  const changes: string[] = []
  const server = await startInfluxdb((q, asked, res) => {
    if (asked === undefined) changes.push(q.replace(/'.*'/, '…'))
    if (isInTrouble && asked === kind) answer(res)
    else res.end(asked === undefined ? DONE : GOOD[asked])
  })
  const clock = createManualClock()
  const revoked: string[] = []
  const tokens = {
    list: async () => [{ id: 'unused', database: 'a', policy: 'autogen', gateway: ADDRESS, createdAt: 0 }],
    find: async () => undefined,
    create: async () => ({ id: 'new', token: 'x' }),
    revoke: async (id: string) => void revoked.push(id),
  }
  const keeper = createSubscriptionKeeper({ influxdb: createEngine(server.upstream), tokens, address: ADDRESS, isWanted: () => true, interval: 3_600_000, logger: QUIET, now: clock })
  for (let i = 0; i < 3; i++) {
    await keeper.look()
    clock.advance(UNUSED_AGE)
  }
  expect(keeper.status()).toMatchObject({ kept: undefined, created: 0, dropped: 0, revoked: 0 })
  expect(keeper.status().problem).toContain(problem)
  expect([changes, revoked]).toEqual([[], []])
  isInTrouble = false
  await keeper.look()
  expect(keeper.status()).toMatchObject({ kept: 1, created: 1, problem: undefined })
  expect(changes).toEqual([expect.stringMatching(/^CREATE SUBSCRIPTION "kapacitor-auth-[0-9a-f]{8}-1" ON a\.autogen DESTINATIONS ANY …$/)])
  await keeper.close()
  await server.close()
})

test('a subscription that InfluxDB does not drop when another takes its place is named, and its token stays valid', async () => {
  const name = subscriptionName(ADDRESS, 1)
  const changes: string[] = []
  const server = await startInfluxdb((q, asked, res) => {
    if (asked === 'SHOW SUBSCRIPTIONS') return void res.end(table('a', ['retention_policy', 'name', 'mode', 'destinations'], ['autogen', name, 'ANY', [destinationOf(ADDRESS, 'old')]]))
    if (asked) return void res.end(GOOD[asked])
    changes.push(q.replace(/ ON .*?(?=;|$)/g, ''))
    res.end(q.startsWith('CREATE') ? '{"results":[{"statement_id":0},{"statement_id":1,"error":"timeout"}]}' : '{"results":[{"statement_id":0,"error":"engine: closing"}]}')
  })
  const revoked: string[] = []
  const old = { id: 'old', database: 'a', policy: 'autogen', gateway: ADDRESS, createdAt: 0 }
  const tokens = { list: async () => [old], find: async () => old, create: async () => ({ id: 'new', token: 'x' }), revoke: async (id: string) => void revoked.push(id) }
  const keeper = createSubscriptionKeeper({ influxdb: createEngine(server.upstream), tokens, address: ADDRESS, isWanted: () => true, interval: 3_600_000, tokenMaxAge: 3_600_000, logger: QUIET, now: createManualClock() })
  await keeper.look()
  expect(changes.slice(0, 2)).toEqual([`CREATE SUBSCRIPTION "${subscriptionName(ADDRESS, 2)}";DROP SUBSCRIPTION "${name}"`, `DROP SUBSCRIPTION "${name}"`])
  // It looks when it begins, and when it is asked to
  expect(keeper.status()).toMatchObject({ kept: 1, created: 2, failures: 2, problem: `a.autogen: "${name}" is not dropped: InfluxDB: engine: closing` })
  expect(revoked).toEqual([])
  await keeper.close()
  await server.close()
})
