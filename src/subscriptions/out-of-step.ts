import type { Statement } from '../influxql/ast/statement.js'
import { dropping } from './create-subscription.js'
import {
  type NamedSubscription,
  type Subscription,
  subscriptionKeyOf,
} from './influxdb-subscription.js'
import type { SubscribedInfluxdb } from './subscribed-influxdb.js'

/** Nobody listens there: what InfluxDB sends in the meantime goes nowhere, and holds no token. */
const NOWHERE = 'udp://127.0.0.1:9'

/**
 * Which subscriptions InfluxDB really posts to: it reads them when they change, in the background, and may miss a change that
 * follows another one at once. Then it goes on with a subscription that was dropped, or does not begin with one that was
 * made, until the next change of any database.
 *
 * @param listed what `SHOW SUBSCRIPTIONS` says
 * @returns those that are served but not listed, or listed but not served; none where InfluxDB does not tell
 */
export async function findOutOfStep(
  influxdb: SubscribedInfluxdb,
  listed: readonly Subscription[],
): Promise<readonly NamedSubscription[]> {
  const served = await servedBy(influxdb)
  if (served === undefined) return []
  const [keys, servedKeys] = [
    new Set(listed.map(subscriptionKeyOf)),
    new Set(served.map(subscriptionKeyOf)),
  ]
  return [
    ...served.filter((one) => !keys.has(subscriptionKeyOf(one))),
    ...listed.filter((one) => !servedKeys.has(subscriptionKeyOf(one))),
  ]
}

/**
 * Has InfluxDB read its subscriptions again, by a change that is undone in a second request, when it has been read.
 *
 * @param free a name that no subscription of that policy has. If it stays behind, it is taken for one to be dropped
 * @returns whether it could be done
 */
export async function askAgain(
  influxdb: SubscribedInfluxdb,
  free: NamedSubscription,
): Promise<boolean> {
  const { database, policy, name } = free
  const create: Statement = {
    kind: 'CREATE SUBSCRIPTION',
    database,
    policy,
    name,
    mode: 'ANY',
    destinations: [NOWHERE],
  }
  const [created] = await influxdb.runAll([create])
  if (created === undefined || created.error !== undefined) return false
  await influxdb.runAll([dropping(free)])
  return true
}

/** By the statistics of InfluxDB, which has one for each destination; undefined if it has none at all. */
async function servedBy(
  influxdb: SubscribedInfluxdb,
): Promise<readonly NamedSubscription[] | undefined> {
  const [outcome] = await influxdb.runAll([{ kind: 'SHOW STATS', module: 'subscriber' }])
  return outcome?.series?.flatMap(({ tags }) => {
    const { database, retention_policy: policy, name } = tags ?? {}
    return database && policy && name ? [{ database, policy, name }] : []
  })
}

/** Remembers for which subscriptions InfluxDB was made to read them again: where that does not help, once is enough. */
export interface ReadAgain {
  /** Whether it should be made to, now that these are out of step. */
  isDue(outOfStep: readonly NamedSubscription[]): boolean
  /** Whether it was, and this one is still out of step. */
  isInVain(one: NamedSubscription): boolean
}

export function createReadAgain(): ReadAgain {
  let tried = new Set<string>()
  let inVain = new Set<string>()
  return {
    isDue(outOfStep) {
      const keys = outOfStep.map(subscriptionKeyOf)
      inVain = new Set(keys.filter((key) => tried.has(key)))
      tried = new Set(keys)
      return inVain.size < tried.size
    },
    isInVain: (one) => inVain.has(subscriptionKeyOf(one)),
  }
}
