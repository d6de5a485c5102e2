// What the keeper does in a real InfluxDB; the registry is in memory.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createUpstream, type Upstream } from '../../src/gateway/connections/upstream.js'
import { createEngine } from '../../src/gateway/influxdb/upstream/engine.js'
import { createRegistry, type Registry } from '../../src/registry/registry.js'
import { createStore } from '../../src/registry/store/backend.js'
import { addressOf, destinationOf, readDestination } from '../../src/subscriptions/destination.js'
import type { Policy, Subscription } from '../../src/subscriptions/influxdb-subscription.js'
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

const ADDRESS = addressOf('http://gateway:9092/')
const ALL = () => true

describe.skipIf(isInfluxdMissing())('the subscriptions in a real InfluxDB', () => {
  let influxd: Influxd
  let upstream: Upstream
  let registry: Registry
  let log: string[]
  let keepers: SubscriptionKeeper[]
  const clock = createManualClock()

  beforeAll(async () => {
    influxd = await startInfluxd('', { subscriber: true })
    upstream = upstreamTo(influxd.url)
  })
  beforeEach(async () => {
    const engine = createEngine(upstream)
    for (const name of await engine.databases()) await engine.run({ kind: 'DROP DATABASE', name })
    await query('CREATE DATABASE a')
    registry = createRegistry(createStore(createMemoryBackend({ index: 1, entries: new Map() }, 1_000), 1_000))
    log = []
    keepers = []
  })
  afterEach(() => Promise.all(keepers.map((one) => one.close())))
  afterAll(async () => {
    upstream?.close()
    await influxd?.close()
  })

  const upstreamTo = (url: string) => createUpstream({ url, connectTimeout: 1_000, responseTimeout: 5_000, idleTimeout: 5_000, maxConnections: 4 })

  async function query(q: string): Promise<void> {
    const answer = await fetch(`${influxd.url}/query`, { method: 'POST', body: new URLSearchParams({ q }) })
    expect(await answer.text()).not.toContain('"error"')
  }

  interface Different { isWanted?: (policy: Policy) => boolean; address?: string; to?: Upstream; tokens?: Partial<SubscriptionTokens>; tokenMaxAge?: number; interval?: number; date?: () => number }

  function keeper({ isWanted = ALL, address = ADDRESS, to = upstream, tokens = {}, interval = 3_600_000, ...age }: Different = {}): SubscriptionKeeper {
    const write = (fields: object, message: string) => void log.push(`${message} ${JSON.stringify(fields)}`)
    const logger = { info: write, warn: write, error: write }
    const made = createSubscriptionKeeper({ influxdb: createEngine(to), tokens: { ...registryTokens(registry), ...tokens }, address, isWanted, interval, logger, now: clock, ...age })
    keepers.push(made)
    return made
  }

  const present = async () => (await subscriptionsOf(createEngine(upstream))).toSorted((x, y) => text(x).localeCompare(text(y)))
  const text = ({ database, policy, name }: Subscription) => `${database}.${policy} ${name.replace(/[0-9a-f]{8}/, '…')}`
  const shown = async () => (await present()).map(text)
  const valid = async () => (await registry.listSubscriptionTokens()).filter((one) => one.revokedAt === undefined)
  const tokenIn = ({ destinations: [url = ''] }: Subscription) => readDestination(url)?.token ?? ''

  test('each retention policy has one, with a valid token of its own; a new process keeps them', async () => {
    await query('CREATE DATABASE b')
    await query('CREATE RETENTION POLICY week ON b DURATION 7d REPLICATION 1')
    await keeper().look()
    const before = await present()
    expect(before.map(text)).toEqual(['a.autogen kapacitor-auth-…-1', 'b.autogen kapacitor-auth-…-1', 'b.week kapacitor-auth-…-1'])
    expect(before.map(({ mode, destinations }) => [mode, ...destinations])).toEqual(before.map((one) => ['ANY', destinationOf(ADDRESS, tokenIn(one))]))
    expect((await valid()).map(({ digest }) => digest).sort()).toEqual(before.map((one) => digestOf(tokenIn(one))).sort())
    expect(new Set(before.map(tokenIn)).size).toBe(3)
    const next = keeper()
    await next.look()
    expect(await present()).toEqual(before)
    expect(next.status()).toMatchObject({ kept: 3, problem: undefined, created: 0, warnings: [] })
    for (const secret of before.map(tokenIn)) expect(log.join()).not.toContain(secret)
  })

  test('names are quoted as InfluxDB needs it', async () => {
    await query(String.raw`CREATE DATABASE "a ' \" ; ü.b"`)
    const one = keeper()
    await one.look()
    expect(one.status()).toMatchObject({ kept: 2, problem: undefined })
    expect((await present()).map(({ database }) => database).sort()).toEqual(['a', `a ' " ; ü.b`])
  })

  test('only what is wanted has one; what is not wanted any more loses it', async () => {
    await query('CREATE DATABASE b')
    await keeper().look()
    await keeper({ isWanted: ({ database }) => database === 'b' }).look()
    expect(await shown()).toEqual(['b.autogen kapacitor-auth-…-1'])
  })

  test('a database that comes gets one; the token of one that goes is revoked, once it is sure', async () => {
    const one = keeper()
    await one.look()
    await query('CREATE DATABASE b')
    await one.look()
    expect(one.status().kept).toBe(2)
    await query('DROP DATABASE a')
    await one.look()
    expect(await shown()).toEqual(['b.autogen kapacitor-auth-…-1'])
    expect((await valid()).length).toBe(2)
    clock.advance(UNUSED_AGE)
    await one.look()
    expect((await valid()).map(({ database }) => database)).toEqual(['b'])
    expect(one.status()).toMatchObject({ kept: 1, created: 2, revoked: 1 })
  })

  test.each<[string, (name: string) => string, string, string]>([
    ['dropped',              (name) => `DROP SUBSCRIPTION "${name}" ON "a"."autogen"`,                                                                                                         '1', 'there was none'],
    ['pointed elsewhere',    (name) => `DROP SUBSCRIPTION "${name}" ON "a"."autogen"; CREATE SUBSCRIPTION "${name}" ON "a"."autogen" DESTINATIONS ANY 'http://evil:1'`,                        '2', 'it pointed somewhere else'],
    ['given another token',  (name) => `DROP SUBSCRIPTION "${name}" ON "a"."autogen"; CREATE SUBSCRIPTION "${name}" ON "a"."autogen" DESTINATIONS ANY 'http://~subscriber:x@gateway:9092'`,    '2', 'its token is not valid'],
  ])('one that somebody has %s is mended', async (_says, change, number, reason) => {
    const one = keeper()
    await one.look()
    const [before] = await present()
    await query(change(before?.name ?? ''))
    await one.look()
    expect(await shown()).toEqual([`a.autogen kapacitor-auth-…-${number}`])
    expect(log.at(-1)).toContain(reason)
    const [after] = await present()
    expect((await valid()).map(({ digest }) => digest)).toContain(digestOf(tokenIn(after as Subscription)))
    clock.advance(UNUSED_AGE)
    await one.look()
    clock.advance(UNUSED_AGE)
    await one.look()
    expect((await valid()).map(({ digest }) => digest)).toEqual([digestOf(tokenIn(after as Subscription))])
  })

  test('one whose token was revoked gets another', async () => {
    const one = keeper()
    await one.look()
    await registry.revokeSubscriptionToken((await valid())[0]?.id ?? '')
    await one.look()
    expect(await shown()).toEqual(['a.autogen kapacitor-auth-…-2'])
    expect(await valid()).toMatchObject([{ digest: digestOf(tokenIn((await present())[0] as Subscription)) }])
  })

  test('several gateways at once: one subscription, one valid token', async () => {
    for (const name of ['b', 'c', 'd', 'e']) await query(`CREATE DATABASE ${name}`)
    const several = [keeper(), keeper(), keeper()]
    await Promise.all(several.map((one) => one.look()))
    expect((await shown()).map((one) => one.slice(-2))).toEqual(Array(5).fill('-1'))
    expect((await valid()).map(({ digest }) => digest).sort()).toEqual((await present()).map((one) => digestOf(tokenIn(one))).sort())
    expect(several.map((one) => one.status().problem)).toEqual([undefined, undefined, undefined])
  })

  test('gateways with different addresses have one each', async () => {
    const other = addressOf('http://other:9092')
    await keeper().look()
    const second = keeper({ address: other })
    await second.look()
    await keeper().look()
    expect((await present()).map(({ name }) => name).sort()).toEqual([subscriptionName(ADDRESS, 1), subscriptionName(other, 1)].sort())
    expect(second.status().warnings).toEqual([`there is a subscription for another subscription-url, "${subscriptionName(ADDRESS, 1)}" on a.autogen: drop it if that address is not in use any more`])
  })

  test("others' subscriptions are left alone; a Kapacitor's own is named, once", async () => {
    const kapacitor = 'kapacitor-11111111-2222-3333-4444-555555555555'
    await query(`CREATE SUBSCRIPTION "mine" ON "a"."autogen" DESTINATIONS ALL 'http://x:1'`)
    await query(`CREATE SUBSCRIPTION "${kapacitor}" ON "a"."autogen" DESTINATIONS ANY 'http://localhost:9192'`)
    const one = keeper()
    await one.look()
    await one.look()
    expect((await shown()).length).toBe(3)
    expect(log.filter((line) => line.startsWith(`Kapacitor has a subscription of its own, "${kapacitor}" on a.autogen`)).length).toBe(1)
    await query(`DROP SUBSCRIPTION "${kapacitor}" ON "a"."autogen"`)
    await one.look()
    expect(one.status().warnings).toEqual([])
  })

  const DAY = 86_400_000
  /** A gateway that replaces tokens that are older than a day, on a certain day. */
  const onDay = (day: () => number) => ({ tokenMaxAge: DAY, interval: 60_000, date: () => Date.now() + day() * DAY })

  test('a token that is too old gets a successor, and is revoked when InfluxDB has sent what it had queued', async () => {
    let day = 0
    const one = keeper(onDay(() => day))
    await one.look()
    const [before] = await present()
    day = 1.1
    await one.look()
    expect(await shown()).toEqual(['a.autogen kapacitor-auth-…-2'])
    expect(log.at(-1)).toContain('its token is older than subscription-token-max-age')
    expect(one.status()).toMatchObject({ kept: 1, created: 2, revoked: 0, problem: undefined })
    expect((await valid()).length).toBe(2)
    day = 0.5 // the system's clock is set back: nothing is done again
    await one.look()
    clock.advance(UNUSED_AGE)
    await one.look()
    expect(await valid()).toMatchObject([{ digest: digestOf(tokenIn((await present())[0] as Subscription)) }])
    expect((await valid())[0]?.digest).not.toBe(digestOf(tokenIn(before as Subscription)))
    expect(one.status()).toMatchObject({ kept: 1, created: 2, revoked: 1 })
  })

  test('of many tokens that are too old at once one look replaces one, the oldest; several gateways agree on which', async () => {
    for (const name of ['b', 'c', 'd']) await query(`CREATE DATABASE ${name}`)
    let day = 0
    const several = [keeper(onDay(() => day)), keeper(onDay(() => day)), keeper(onDay(() => day))]
    await Promise.all(several.map((one) => one.look()))
    day = 1_000
    const seen: number[] = []
    for (let i = 0; i < 3; i++) {
      await Promise.all(several.map((one) => one.look()))
      seen.push((await shown()).filter((one) => one.endsWith('-2')).length)
      expect((await present()).length).toBe(4)
    }
    expect(seen[0]).toBeGreaterThanOrEqual(1)
    expect(seen[0]).toBeLessThanOrEqual(3) // a gateway that asks when another is done replaces the next one
    expect(several.map((one) => one.status().problem)).toEqual([undefined, undefined, undefined])
    const known = new Set((await valid()).map(({ digest }) => digest))
    expect((await present()).every((one) => known.has(digestOf(tokenIn(one))))).toBe(true)
  })

  test('gateways with other lists, but the same address: after three times the subscription stays, and both say so', async () => {
    const [all, few] = [keeper(), keeper({ isWanted: () => false })]
    for (let i = 0; i < 6; i++) {
      await all.look()
      await few.look()
      clock.advance(1_000)
    }
    expect((await present()).length).toBe(1)
    expect(few.status()).toMatchObject({ dropped: 3, problem: undefined, warnings: [expect.stringContaining('has other subscriptions-include or -exclude')] })
  })

  test.each(['list', 'find', 'create', 'revoke'] as const)('a registry that is away (%s): nothing is dropped, nothing is revoked, and the next look mends it', async (call) => {
    await query('CREATE DATABASE b')
    await keeper({ isWanted: ({ database }) => database === 'a' }).look()
    const before = await present()
    let isAway = true
    const own = registryTokens(registry)
    const away = { [call]: async (argument: never) => { if (isAway) throw new Error('registry away'); return (own[call] as (argument: never) => unknown)(argument) } }
    const one = keeper({ tokens: away, isWanted: ({ database }) => database === 'a' || !isAway || call === 'create' })
    if (call === 'revoke') {
      await registry.createSubscriptionToken({ database: 'a', policy: 'autogen', name: 'x', gateway: ADDRESS, digest: 'f'.repeat(64) })
      await one.look()
      clock.advance(UNUSED_AGE)
    }
    await one.look()
    expect(one.status()).toMatchObject({ problem: 'registry away', dropped: 0, revoked: 0 })
    expect(await present()).toEqual(before)
    isAway = false
    await one.look()
    expect(one.status()).toMatchObject({ problem: undefined })
    expect((await present()).length).toBe(2)
  })

  test('500 databases have one each, and a look that finds them in order changes nothing', async () => {
    const names = Array.from({ length: 499 }, (_one, i) => `db${i}`)
    await query(names.map((name) => `CREATE DATABASE ${name}`).join(';'))
    const one = keeper()
    await one.look()
    expect(one.status()).toMatchObject({ kept: 500, created: 500, problem: undefined })
    const before = await present()
    expect(before.length).toBe(500)
    await one.look()
    expect(one.status()).toMatchObject({ kept: 500, created: 500, dropped: 0, revoked: 0 })
    expect(await present()).toEqual(before)
  }, 60_000)

  test('an InfluxDB that cannot be asked is logged once, and revokes nothing', async () => {
    await keeper().look()
    const nowhere = upstreamTo('http://127.0.0.1:1')
    const one = keeper({ to: nowhere })
    for (const _ of Array(3)) {
      await one.look()
      clock.advance(UNUSED_AGE)
    }
    expect(one.status()).toMatchObject({ kept: undefined, problem: expect.stringContaining('ECONNREFUSED') })
    expect(log.filter((line) => line.startsWith('subscriptions could not be looked after')).length).toBe(1)
    expect((await valid()).length).toBe(1)
    nowhere.close()
  })
})
