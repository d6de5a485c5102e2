import Koa from 'koa'
import { afterEach, describe, expect, test } from 'vitest'
import { createMetrics, type Metrics, mergeMetrics } from '../../src/admin/metrics.js'
import type { Decision } from '../../src/middleware/decision.js'
import type { AuthStats } from '../../src/middleware/own-login.js'
import type { ProviderOutcomes } from '../../src/token/provider/provider-outcomes.js'
import type { ProviderStatus } from '../../src/token/provider/provider-verifier.js'
import { VERSION } from '../../src/version.js'
import { startServer } from '../support/servers.js'

const closing: (() => Promise<void>)[] = []
afterEach(async () => { for (const close of closing.splice(0)) await close() })

const create = (stats?: () => AuthStats | undefined) => createMetrics({ process: false, ...(stats && { stats }) })
const NO_CTX = {} as Parameters<Metrics['onDecision']>[0]

/** The samples of a text, without those of a histogram's buckets. */
function samples(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#') && !line.includes('_bucket'))
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')).replace('kapacitor_auth_', ''), Number(line.slice(line.lastIndexOf(' ') + 1))]))
}
const read = async (metrics: Metrics) => samples(await metrics.text())

function decide(metrics: Metrics, decision: Partial<Decision>, times = 1) {
  const whole: Decision = { door: 'kapacitor', outcome: 'allowed', code: undefined, via: 'remembered', user: 'ann-the-user', claimed: 'ann-the-user', action: { resource: '/api/secret-path', privilege: 1 }, age: 1, ...decision }
  for (let i = 0; i < times; i++) metrics.onDecision(NO_CTX, whole)
}

test('counts decisions by outcome, code and how the user became known; hits and misses', async () => {
  const metrics = create()
  decide(metrics, {}, 3)
  decide(metrics, { outcome: 'refused', code: 'ERR_PRIVILEGE_MISSING' }, 2)
  decide(metrics, { via: 'verified' })
  decide(metrics, { via: 'verified', outcome: 'failed', code: 'ERR_META_UNAVAILABLE' })
  decide(metrics, { via: 'none', outcome: 'refused', code: 'ERR_CREDENTIALS_MISSING' }, 4)
  for (const _twice of [1, 2]) { // reading changes nothing
    expect(await read(metrics)).toMatchObject({
      'requests_total{door="kapacitor",outcome="allowed",code="none",via="remembered"}': 3,
      'requests_total{door="kapacitor",outcome="refused",code="ERR_PRIVILEGE_MISSING",via="remembered"}': 2,
      'requests_total{door="kapacitor",outcome="allowed",code="none",via="verified"}': 1,
      'requests_total{door="kapacitor",outcome="failed",code="ERR_META_UNAVAILABLE",via="verified"}': 1,
      'requests_total{door="kapacitor",outcome="refused",code="ERR_CREDENTIALS_MISSING",via="none"}': 4,
      cache_hits_total: 5,
      cache_misses_total: 2,
    })
  }
  decide(metrics, {})
  expect(await read(metrics)).toMatchObject({ cache_hits_total: 6 })
})

test('B1: counts decisions and changes by door', async () => {
  const metrics = create()
  decide(metrics, { door: 'meta', via: 'node' }, 2)
  decide(metrics, { door: 'influxdb' })
  decide(metrics, {})
  metrics.onChange({ door: 'meta' }, { outcome: 'made', subject: 'role', change: 'add-users' })
  metrics.onChange({}, { outcome: 'refused', subject: 'registry', change: 'restore' })
  expect(await read(metrics)).toMatchObject({
    'requests_total{door="meta",outcome="allowed",code="none",via="node"}': 2,
    'requests_total{door="influxdb",outcome="allowed",code="none",via="remembered"}': 1,
    'requests_total{door="kapacitor",outcome="allowed",code="none",via="remembered"}': 1,
    'changes_total{door="meta",outcome="made",subject="role",change="add-users"}': 1,
    'changes_total{door="none",outcome="refused",subject="registry",change="restore"}': 1,
    cache_hits_total: 2,
  })
})

test('B4: counts connections that come to nothing, by door and reason', async () => {
  const metrics = create()
  metrics.onConnectionFailure('handshake', 'kapacitor')
  metrics.onConnectionFailure('handshake', 'kapacitor')
  metrics.onConnectionFailure('plain_http')
  expect(await read(metrics)).toMatchObject({
    'connection_failures_total{door="kapacitor",reason="handshake"}': 2,
    'connection_failures_total{door="none",reason="plain_http"}': 1,
  })
})

test('no user, path or resource is in it', async () => {
  const metrics = createMetrics()
  decide(metrics, {})
  expect(await metrics.text()).not.toMatch(/ann-the-user|secret-path/)
})

test('two of them count for themselves', async () => {
  const [a, b] = [create(), create()]
  decide(a, {})
  expect((await read(b)).cache_hits_total).toBe(0)
})

describe('figures that are read when they are asked for', () => {
  const stats = (evictions: number, others: Partial<AuthStats> = {}): AuthStats => ({ cached: 7, evictions, hashing: 2, waiting: 5, ...others })

  test('are those of just now', async () => {
    let now = stats(1)
    const metrics = create(() => now)
    expect(await read(metrics)).toMatchObject({ cache_entries: 7, cache_evictions_total: 1, hashing_running: 2, hashing_waiting: 5 })
    now = stats(4, { cached: 0, waiting: 0 })
    expect(await read(metrics)).toMatchObject({ cache_entries: 0, cache_evictions_total: 4, hashing_waiting: 0 })
  })

  test('of an identity provider: its keys, fetches and tokens; nothing where there is none', async () => {
    const outcomes = (success: number, accepted: number) => ({ fetches: { success, timeout: 1 }, tokens: { accepted, expired: 2 } }) as unknown as ProviderOutcomes
    let provider: ProviderStatus | undefined = { keys: 2, fetchedAt: Date.now() - 5_000, outcomes: outcomes(1, 10) }
    const metrics = create(() => stats(0, { provider }))
    const before = await read(metrics)
    expect(before).toMatchObject({
      provider_keys: 2,
      'provider_fetches_total{outcome="success"}': 1,
      'provider_fetches_total{outcome="timeout"}': 1,
      'provider_tokens_total{outcome="accepted"}': 10,
      'provider_tokens_total{outcome="expired"}': 2,
    })
    expect(before.provider_keys_age_seconds).toBeGreaterThanOrEqual(5)
    provider = { keys: 0, outcomes: outcomes(0, 3) } // another one, which has fetched nothing yet
    const after = await read(metrics)
    expect(after).toMatchObject({ provider_keys: 0, 'provider_fetches_total{outcome="success"}': 1, 'provider_tokens_total{outcome="accepted"}': 13 })
    expect(Object.keys(after)).not.toContain('provider_keys_age_seconds')
    provider = undefined
    expect(Object.keys(await read(metrics))).not.toContain('provider_keys')
    expect(Object.keys(await read(create(() => stats(0)))).filter((name) => name.startsWith('provider_'))).toEqual([])
  })

  test('are left out where there are none', async () => {
    let now: AuthStats | undefined
    const metrics = create(() => now)
    for (const next of [undefined, stats(0, { hashing: undefined, waiting: undefined })]) {
      now = next
      const names = Object.keys(await read(metrics))
      expect(names.includes('cache_entries')).toBe(next !== undefined)
      expect(names).not.toContain('hashing_running')
      expect(names).not.toContain('hashing_waiting')
      expect(names).toContain('cache_evictions_total')
    }
  })

  test('go on in the counters when the source is replaced, or begins anew by itself', async () => {
    let first = stats(10)
    const metrics = create(() => first)
    expect(await read(metrics)).toMatchObject({ cache_evictions_total: 10 })
    first = stats(12) // not read before it is replaced
    const second = () => stats(3)
    metrics.setStats(second)
    expect(await read(metrics)).toMatchObject({ cache_evictions_total: 15 })
    metrics.setStats(second)
    expect(await read(metrics)).toMatchObject({ cache_evictions_total: 15 })
    metrics.setStats(() => undefined)
    expect(await read(metrics)).toMatchObject({ cache_evictions_total: 15 })
    let third = stats(20)
    metrics.setStats(() => third)
    expect(await read(metrics)).toMatchObject({ cache_evictions_total: 35 })
    third = stats(2)
    expect(await read(metrics)).toMatchObject({ cache_evictions_total: 37 })
  })
})

test('measures what is asked of others, in seconds', async () => {
  const metrics = create()
  expect(await read(metrics)).toMatchObject({ 'meta_request_errors_total{kind="timeout"}': 0, 'meta_request_errors_total{kind="invalid"}': 0 })
  metrics.onMetaRequest({ milliseconds: 250, outcome: 'ok' })
  metrics.onMetaRequest({ milliseconds: 2_000, outcome: 'timeout' })
  metrics.onMetaRequest({ milliseconds: 500, outcome: 'network' })
  metrics.onAnswer({ milliseconds: 1_500, outcome: 'answered' })
  expect(await read(metrics)).toMatchObject({
    'meta_request_duration_seconds_sum{outcome="ok"}': 0.25,
    'meta_request_duration_seconds_count{outcome="ok"}': 1,
    'meta_request_duration_seconds_sum{outcome="error"}': 2.5,
    'meta_request_errors_total{kind="timeout"}': 1,
    'meta_request_errors_total{kind="network"}': 1,
    'upstream_request_duration_seconds_sum{outcome="answered"}': 1.5,
  })
})

test('measures requests by the class of their status, and those that were cut off', async () => {
  const metrics = create()
  const app = new Koa()
  app.silent = true
  app.use(metrics.timing())
  app.use((ctx) => {
    if (ctx.path === '/cut') {
      ctx.respond = false
      ctx.res.write('half')
      ctx.res.destroy()
    } else ctx.status = Number(ctx.path.slice(1))
  })
  const server = await startServer(app.callback())
  closing.push(server.close)
  for (const path of ['/200', '/204', '/404', '/503']) await fetch(server.url + path).then((answer) => answer.text())
  await fetch(`${server.url}/cut`).then((answer) => answer.text()).catch(() => {})
  const counts = () => read(metrics).then((all) => Object.fromEntries(Object.entries(all).flatMap(([name, value]) => {
    const status = /^http_request_duration_seconds_count\{status_class="(.*)"\}$/.exec(name)?.[1]
    return status ? [[status, value]] : []
  })))
  await expect.poll(counts).toEqual({ '2xx': 2, '4xx': 1, '5xx': 1, cut_off: 1 })
})

test('says which version it is, and something on the process', async () => {
  const text = await createMetrics().text()
  expect(samples(text)).toMatchObject({ [`build_info{version="${VERSION}",node="${process.version}"}`]: 1, processes: 1 })
  expect(text).toMatch(/^process_resident_memory_bytes \d+$/m)
})

test('every name has a help, the prefix, and its unit or _total at the end', async () => {
  const names = [...(await create().text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type] as const)
  expect(names.length).toBeGreaterThan(10)
  for (const [name, type] of names) {
    expect(name).toMatch(/^kapacitor_auth_[a-z_]+$/)
    expect(name.endsWith('_total')).toBe(type === 'counter')
    expect(name.endsWith('_seconds')).toBe(type === 'histogram' || name.endsWith('_age_seconds'))
  }
})

describe('several processes are told as one', () => {
  test('counters, histograms and gauges are summed; versions and delays are not', async () => {
    const stats = (cached: number): AuthStats => ({ cached, evictions: 1, hashing: 1, waiting: undefined })
    const workers = [createMetrics({ stats: () => stats(3) }), createMetrics({ stats: () => stats(4) })]
    for (const worker of workers) {
      decide(worker, {}, 2)
      worker.onMetaRequest({ milliseconds: 250, outcome: 'ok' })
    }
    decide(workers[1] as Metrics, { via: 'open' })
    const snapshots = await Promise.all(workers.map((worker) => worker.snapshot()))
    const wired: object[][] = JSON.parse(JSON.stringify(snapshots)) // as it is sent from one process to another
    const text = await mergeMetrics(wired)
    expect(samples(text)).toMatchObject({
      'requests_total{door="kapacitor",outcome="allowed",code="none",via="remembered"}': 4,
      'requests_total{door="kapacitor",outcome="allowed",code="none",via="open"}': 1,
      cache_hits_total: 4,
      cache_entries: 7,
      cache_evictions_total: 2,
      hashing_running: 2,
      processes: 2,
      'meta_request_duration_seconds_sum{outcome="ok"}': 0.5,
      'meta_request_duration_seconds_count{outcome="ok"}': 2,
      [`build_info{version="${VERSION}",node="${process.version}"}`]: 1,
    })
    expect(text).toContain('kapacitor_auth_meta_request_duration_seconds_bucket{le="0.25",outcome="ok"} 2\n')
    expect(text).toContain('kapacitor_auth_meta_request_duration_seconds_bucket{le="0.1",outcome="ok"} 0\n')
    expect(text).toContain('kapacitor_auth_meta_request_duration_seconds_bucket{le="+Inf",outcome="ok"} 2\n')
    expect(text).not.toMatch(/null|undefined/)
    expect(samples(text)).not.toHaveProperty('hashing_waiting')
  })

  test('one alone is told as it is', async () => {
    const metrics = create(() => ({ cached: 1, evictions: 0, hashing: 0, waiting: 0 }))
    decide(metrics, {})
    metrics.onAnswer({ milliseconds: 3, outcome: 'answered' })
    const sorted = (text: string) => Object.entries(samples(text)).sort()
    expect(sorted(await mergeMetrics([await metrics.snapshot()]))).toEqual(sorted(await metrics.text()))
  })
})
