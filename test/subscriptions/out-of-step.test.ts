// InfluxDB may miss a change of its subscriptions that follows another one at once: a real one does so once in some hundred
// rotations, and goes on with what was dropped until anything else changes. The model here misses what it is told to.
import { expect, test, vi } from 'vitest'
import type { Statement } from '../../src/influxql/ast/statement.js'
import { destinationOf } from '../../src/subscriptions/destination.js'
import { createReadAgain } from '../../src/subscriptions/out-of-step.js'
import type { Outcome } from '../../src/subscriptions/subscribed-influxdb.js'
import { createSubscriptionKeeper } from '../../src/subscriptions/subscription-keeper.js'
import { subscriptionName } from '../../src/subscriptions/subscription-name.js'
import { createManualClock } from '../support/manual-clock.js'

const ADDRESS = 'http://gateway:9092'
const FIRST = subscriptionName(ADDRESS, 1)
const POLICY = { database: 'a', policy: 'autogen' }

/** An InfluxDB with one database, its subscriptions by name, and which of them it posts to. */
function model({ listed = [FIRST], served = listed, hasStats = true, isEnabled = true }: { listed?: string[]; served?: string[]; hasStats?: boolean; isEnabled?: boolean }) {
  const subscriptions = new Map(listed.map((name) => [name, destinationOf(ADDRESS, 'token')]))
  let posted = served
  const changes: string[] = []
  const read = () => { if (isEnabled) posted = [...subscriptions.keys()] }
  function run(s: Statement): Outcome {
    switch (s.kind) {
      case 'SHOW RETENTION POLICIES': return { series: [{ columns: ['name'], values: [['autogen']] }] }
      case 'SHOW SUBSCRIPTIONS': return { series: [{ name: 'a', columns: ['retention_policy', 'name', 'mode', 'destinations'], values: [...subscriptions].map(([name, url]) => ['autogen', name, 'ANY', [url]]) }] }
      case 'SHOW STATS': return hasStats ? { series: [{ columns: [] }, ...posted.map((name) => ({ columns: [], tags: { database: 'a', retention_policy: 'autogen', name } }))] } : {}
      case 'CREATE SUBSCRIPTION': subscriptions.set(s.name, s.destinations[0] as string); break
      case 'DROP SUBSCRIPTION': subscriptions.delete(s.name); break
    }
    changes.push(`${s.kind.split(' ')[0]} ${'name' in s ? s.name : ''}`)
    read()
    return {}
  }
  return { changes, posted: () => posted, influxdb: { databases: async () => ['a'], runAll: async (all: readonly Statement[]) => all.map(run) } }
}

/** Looks twice: when it begins, and when it is asked to. */
async function looked(influxdb: ReturnType<typeof model>['influxdb']) {
  const token = { id: 'one', ...POLICY }
  const quiet = { info: () => {}, warn: () => {}, error: () => {} }
  const tokens = { list: async () => [{ ...token, gateway: ADDRESS, createdAt: 0 }], find: async () => token, create: async () => ({ id: 'two', token: 'x' }), revoke: async () => {} }
  const keeper = createSubscriptionKeeper({ influxdb, tokens, address: ADDRESS, isWanted: () => true, interval: 3_600_000, logger: quiet, now: createManualClock() })
  await keeper.look()
  await keeper.look()
  await keeper.close()
  return keeper.status()
}

/** Not the next number: somebody else may make the real subscription of that name between the two statements. */
const FAR = subscriptionName(ADDRESS, 1_001)
const AGAIN = [`CREATE ${FAR}`, `DROP ${FAR}`]
const NOT_POSTED = `InfluxDB does not post to "${FIRST}" on a.autogen, although the subscription is there: [subscriber] enabled must be true in influxdb.conf, and InfluxDB's log says more in the lines with service=subscriber`

test.each<[string, Parameters<typeof model>[0], string[], string[], string[]]>([
  // InfluxDB                                   is                                       changes  posts then   warnings
  ['is in step',                                {},                                      [],      [FIRST],     []],
  ['goes on with one that was dropped',         { served: [FIRST, 'dropped'] },          AGAIN,   [FIRST],     []],
  ['has not begun with one that was made',      { served: [] },                          AGAIN,   [FIRST],     []],
  ['posts to none: once is enough',             { served: [], isEnabled: false },        AGAIN,   [],          [NOT_POSTED]],
  ['does not tell',                             { hasStats: false },                     [],      [FIRST],     []],
])('InfluxDB %s', async (_says, given, changes, posted, warnings) => {
  const { influxdb, changes: made, posted: now } = model(given)
  const status = await looked(influxdb)
  expect([made, now()]).toEqual([changes, posted])
  expect(status).toMatchObject({ kept: 1, created: 0, dropped: 0, problem: undefined, warnings })
})

test('it is due for what is new, and in vain for what stays', () => {
  const [one, two] = ['one', 'two'].map((name) => ({ ...POLICY, name })) as [never, never]
  const again = createReadAgain()
  const seen = [[one], [one], [one, two], [], [one]].map((all) => [again.isDue(all), again.isInVain(one)])
  expect(seen).toEqual([[true, false], [false, true], [true, true], [false, false], [true, false]])
})

test('after a change it looks once more in a second, then at its interval', async () => {
  vi.useFakeTimers()
  const { influxdb, changes } = model({ listed: [] })
  let looks = 0
  const quiet = { info: () => {}, warn: () => {}, error: () => {} }
  const tokens = { list: async () => [], find: async () => ({ id: 'one', ...POLICY }), create: async () => ({ id: 'one', token: 'x' }), revoke: async () => {} }
  const databases = async () => { looks++; return influxdb.databases() }
  const keeper = createSubscriptionKeeper({ influxdb: { ...influxdb, databases }, tokens, address: ADDRESS, isWanted: () => true, interval: 3_600_000, logger: quiet, now: createManualClock() })
  const seen: number[] = []
  for (const pause of [0, 999, 1, 3_599_999, 1]) {
    await vi.advanceTimersByTimeAsync(pause)
    seen.push(looks)
  }
  expect([seen, changes]).toEqual([[1, 1, 2, 2, 3], [`CREATE ${FIRST}`]])
  await keeper.close()
  vi.useRealTimers()
})
