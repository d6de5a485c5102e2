import type { Statement } from '../influxql/ast/statement.js'
import { destinationOf } from './destination.js'
import type { Policy } from './influxdb-subscription.js'
import {
  InfluxdbRefusal,
  type Outcome,
  required,
  type SubscribedInfluxdb,
} from './subscribed-influxdb.js'
import type { SubscriptionTokens } from './subscription-tokens.js'

export interface NewSubscription extends Policy {
  readonly name: string
  /** Where it is to post to. */
  readonly address: string
  readonly token: string
  /** The names of those whose place it takes. */
  readonly replaced: readonly string[]
}

/**
 * The statements that make a subscription, and drop those whose place it takes. They belong into one request: InfluxDB
 * changes over between two points then. In this order no point is lost; one that comes just between the two statements
 * would come twice.
 */
export function subscribing(wanted: NewSubscription): readonly [Statement, ...Statement[]] {
  const { database, policy, name, address, token, replaced } = wanted
  const destinations = [destinationOf(address, token)]
  return [
    { kind: 'CREATE SUBSCRIPTION', database, policy, name, mode: 'ANY', destinations },
    ...replaced.map((old) => dropping({ database, policy, name: old })),
  ]
}

export function dropping({
  database,
  policy,
  name,
}: Policy & { readonly name: string }): Statement {
  return { kind: 'DROP SUBSCRIPTION', database, policy, name }
}

/**
 * Makes a subscription with a token of its own.
 *
 * @param gateway whose subscription it is to be; undefined: made by hand
 * @returns whether it was made; false if there is one of that name already. Its token is revoked then, as it is if InfluxDB
 *   refuses it
 * @throws InfluxdbRefusal as InfluxDB says; and as `influxdb` and `tokens` reject
 */
export async function createSubscription(
  wanted: Omit<NewSubscription, 'token'>,
  gateway: string | undefined,
  { influxdb, tokens }: { influxdb: SubscribedInfluxdb; tokens: TokenMaker },
): Promise<boolean> {
  const { database, policy, name } = wanted
  const { id, token } = await tokens.create({ database, policy, name, gateway })
  const outcome = await runInOne(influxdb, subscribing({ ...wanted, token }))
  if (outcome?.error === undefined) {
    required(outcome)
    return true
  }
  await tokens.revoke(id)
  if (outcome.error.includes('already exists')) return false
  throw new InfluxdbRefusal(`InfluxDB: ${outcome.error}`)
}

/**
 * Of several statements InfluxDB does not tell why the first one failed: it is asked again alone.
 *
 * @returns what the first statement came to
 */
async function runInOne(
  influxdb: SubscribedInfluxdb,
  [create, ...drops]: ReturnType<typeof subscribing>,
): Promise<Outcome | undefined> {
  const [together] = await influxdb.runAll([create, ...drops])
  if (drops.length === 0 || together?.error !== 'not executed') return together
  const [alone] = await influxdb.runAll([create])
  if (alone?.error === undefined) await influxdb.runAll(drops)
  return alone
}

export type TokenMaker = Pick<SubscriptionTokens, 'create' | 'revoke'>
