// A rotation by age that breaks off, in a real InfluxDB: the next process leaves one subscription and one valid token.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createUpstream, type Upstream } from '../../src/gateway/connections/upstream.js'
import { createEngine } from '../../src/gateway/influxdb/upstream/engine.js'
import { createRegistry, type Registry } from '../../src/registry/registry.js'
import { createStore } from '../../src/registry/store/backend.js'
import { readDestination } from '../../src/subscriptions/destination.js'
import { registryTokens } from '../../src/subscriptions/registry-tokens.js'
import { UNUSED_AGE } from '../../src/subscriptions/revocation-delays.js'
import { subscriptionsOf } from '../../src/subscriptions/subscribed-influxdb.js'
import { createSubscriptionKeeper, type SubscriptionKeeper } from '../../src/subscriptions/subscription-keeper.js'
import { subscriptionName } from '../../src/subscriptions/subscription-name.js'
import type { SubscriptionTokens } from '../../src/subscriptions/subscription-tokens.js'
import { digestOf } from '../../src/token/own-token.js'
import { type Influxd, isInfluxdMissing, startInfluxd } from '../support/influxd.js'
import { createManualClock } from '../support/manual-clock.js'
import { createMemoryBackend } from '../support/memory-backend.js'
import { startServer, type TestServer } from '../support/servers.js'

const ADDRESS = 'http://gateway:9092'
const DAY = 86_400_000
const quiet = { info: () => {}, warn: () => {}, error: () => {} }

describe.skipIf(isInfluxdMissing())('a rotation', () => {
  let influxd: Influxd
  /** In front of InfluxDB: of a rotation it passes so many statements on, and hangs up. */
  let proxy: TestServer
  let passed: number | undefined
  let upstream: Upstream
  let registry: Registry
  let day: number
  const days = new Map<string, number>()
  const clock = createManualClock()

  beforeAll(async () => {
    influxd = await startInfluxd('', { subscriber: true })
    proxy = await startServer(async (req, res) => {
      let body = ''
      for await (const chunk of req) body += chunk
      const statements = (new URLSearchParams(body).get('q') ?? '').split(';')
      const isCut = passed !== undefined && statements.length > 1
      const text = await query(statements.slice(0, isCut ? passed : undefined).join(';'))
      if (isCut) res.destroy()
      else res.end(text)
    })
    upstream = createUpstream({ url: proxy.url, connectTimeout: 1_000, responseTimeout: 5_000, idleTimeout: 5_000, maxConnections: 4 })
  })
  beforeEach(async () => {
    passed = undefined
    day = 0
    await query('DROP DATABASE a')
    await query('CREATE DATABASE a')
    registry = createRegistry(createStore(createMemoryBackend({ index: 1, entries: new Map() }, 1_000), 1_000))
  })
  afterAll(async () => {
    upstream?.close()
    await proxy?.close()
    await influxd?.close()
  })

  async function query(q: string): Promise<string> {
    if (q === '') return ''
    return (await fetch(`${influxd.url}/query`, { method: 'POST', body: new URLSearchParams({ q }) })).text()
  }

  /** The registry's, made at the time of the test. */
  function tokens(): SubscriptionTokens {
    const all = registryTokens(registry)
    return {
      ...all,
      async create(wanted) {
        const made = await all.create(wanted)
        days.set(made.id, day)
        return made
      },
      list: async () => (await all.list()).map((one) => ({ ...one, createdAt: (days.get(one.id) ?? 0) * DAY })),
    }
  }

  const keeper = () => createSubscriptionKeeper({
    influxdb: createEngine(upstream), tokens: tokens(), address: ADDRESS, isWanted: () => true, logger: quiet,
    interval: 3_600_000, tokenMaxAge: DAY, date: () => day * DAY, now: clock,
  })
  const present = () => subscriptionsOf(createEngine(upstream))
  const valid = async () => (await registry.listSubscriptionTokens()).filter((one) => one.revokedAt === undefined)

  test.each<[string, number, 'the same process' | 'another process', number[], number]>([
    // breaks off                        passed  goes on               numbers then   number in the end
    ['before InfluxDB does anything',    0,      'the same process',   [1],           2],
    ['before InfluxDB does anything',    0,      'another process',    [1],           2],
    ['behind CREATE',                    1,      'the same process',   [1, 2],        2],
    ['behind CREATE',                    1,      'another process',    [1, 2],        2],
    ['behind DROP, not answered',        2,      'the same process',   [2],           2],
    ['behind DROP, not answered',        2,      'another process',    [2],           2],
  ])('that breaks off %s (%d): %s leaves nothing double, and no old token valid', async (_says, statements, goesOn, between, number) => {
    let one: SubscriptionKeeper = keeper()
    await one.look()
    day = 1.1
    passed = statements
    await one.look()
    expect(one.status().problem).toContain('upstream unavailable')
    const names = (await present()).map(({ name }) => name)
    expect(names.sort()).toEqual(between.map((each) => subscriptionName(ADDRESS, each)))
    const used = new Set((await valid()).map(({ digest }) => digest))
    const isUsed = (await present()).every(({ destinations: [url = ''] }) => used.has(digestOf(readDestination(url)?.token ?? '')))
    expect(isUsed).toBe(true) // points arrive

    if (goesOn === 'another process') {
      await one.close()
      one = keeper()
    }
    passed = undefined
    await one.look()
    expect((await present()).map(({ name }) => name)).toEqual([subscriptionName(ADDRESS, number)])
    await one.look() // it sees that the old token is without a subscription
    clock.advance(UNUSED_AGE)
    await one.look()
    const [subscription] = await present()
    expect((await valid()).map(({ digest }) => digest)).toEqual([digestOf(readDestination(subscription?.destinations[0] ?? '')?.token ?? '')])
    expect(one.status()).toMatchObject({ kept: 1, problem: undefined })
    await one.close()
  })
})
