import { expect, test } from 'vitest'
import { keyOf } from '../../src/subscriptions/influxdb-subscription.js'
import type { SubscribedInfluxdb } from '../../src/subscriptions/subscribed-influxdb.js'
import { createSubscriptionKeeper } from '../../src/subscriptions/subscription-keeper.js'
import type { WantedToken } from '../../src/subscriptions/subscription-tokens.js'

const DATABASES = Array.from({ length: 50 }, (_one, i) => `db${i}`)
const quiet = { info: () => {}, warn: () => {}, error: () => {} }

/** A keeper that is closed while InfluxDB runs one statement, over 50 databases without subscriptions. */
async function closedDuring(kind: string) {
  const asked: string[] = []
  const made: WantedToken[] = []
  let close: Promise<void> | undefined
  const influxdb: SubscribedInfluxdb = {
    databases: async () => DATABASES,
    async runAll([statement]) {
      asked.push(statement?.kind ?? '')
      if (statement?.kind === kind) close ??= keeper.close()
      return [statement?.kind === 'SHOW RETENTION POLICIES' ? { series: [{ columns: ['name'], values: [['autogen']] }] } : { series: [] }]
    },
  }
  const tokens = {
    list: async () => [],
    find: async () => undefined,
    async create(wanted: WantedToken) { made.push(wanted); return { id: keyOf(wanted), token: 'x' } },
    revoke: async () => {},
  }
  const keeper = createSubscriptionKeeper({ influxdb, tokens, address: 'http://gateway:9092', isWanted: () => true, interval: 3_600_000, logger: quiet })
  await keeper.look()
  await close
  return { asked, made, status: keeper.status() }
}

test.each<[string, number, number]>([
  // while                      statements of the kind   tokens made
  ['SHOW RETENTION POLICIES',   1,                       0],
  ['CREATE SUBSCRIPTION',       1,                       1],
])('14: a keeper that is closed during %s ends behind it, and that does not count as a failure', async (kind, statements, made) => {
  const closed = await closedDuring(kind)
  expect(closed.asked.filter((one) => one === kind).length).toBe(statements)
  expect(closed.made.length).toBe(made)
  expect(closed.status).toMatchObject({ problem: undefined, failures: 0 })
})
