import type { Statement } from '../influxql/ast/statement.js'
import { destinationOf } from './destination.js'
import type { Policy } from './influxdb-subscription.js'
import {
  InfluxdbRefusal,
  isGone,
  type Outcome,
  reasonOf,
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

/** A subscription that was to be dropped, but is there still, or may be. */
export interface LeftSubscription {
  readonly name: string
  /** Why it is. */
  readonly error: string
}

/**
 * Makes a subscription with a token of its own.
 *
 * @param gateway whose subscription it is to be; undefined: made by hand
 * @returns what is left of those whose place it takes: points come twice, and their tokens are in use; undefined if nothing
 *   was made, since there is one of that name already. Its token is revoked then, as it is if InfluxDB refuses it
 * @throws InfluxdbRefusal as InfluxDB says; and as `influxdb` and `tokens` reject
 */
export async function createSubscription(
  wanted: Omit<NewSubscription, 'token'>,
  gateway: string | undefined,
  { influxdb, tokens }: { influxdb: SubscribedInfluxdb; tokens: TokenMaker },
): Promise<readonly LeftSubscription[] | undefined> {
  const { database, policy, name } = wanted
  const { id, token } = await tokens.create({ database, policy, name, gateway })
  const [create, ...drops] = subscribing({ ...wanted, token })
  const [created, ...dropped] = await runInOne(influxdb, create, drops)
  if (created?.error === undefined) {
    required(created)
    return leftOf(influxdb, wanted.replaced, drops, dropped)
  }
  await tokens.revoke(id)
  if (created.error.includes('already exists')) return undefined
  throw new InfluxdbRefusal(`InfluxDB: ${created.error}`)
}

/** Of several statements InfluxDB does not tell why the first one failed: it is asked again alone. */
async function runInOne(
  influxdb: SubscribedInfluxdb,
  create: Statement,
  drops: readonly Statement[],
): Promise<readonly (Outcome | undefined)[]> {
  const together = await influxdb.runAll([create, ...drops])
  if (drops.length === 0 || together[0]?.error !== 'not executed') return together
  const [alone] = await influxdb.runAll([create])
  return [alone]
}

/** What was not dropped, although it is asked once more, each alone: then InfluxDB tells why. */
async function leftOf(
  influxdb: SubscribedInfluxdb,
  names: readonly string[],
  drops: readonly Statement[],
  dropped: readonly (Outcome | undefined)[],
): Promise<readonly LeftSubscription[]> {
  const left: LeftSubscription[] = []
  for (const [i, drop] of drops.entries()) {
    if (isDone(dropped[i])) continue
    const error = await whyNotDropped(influxdb, drop)
    if (error !== undefined) left.push({ name: names[i] as string, error })
  }
  return left
}

/** Drops a subscription. @returns why it may be there still; undefined if it is gone. Never rejects */
export async function whyNotDropped(
  influxdb: SubscribedInfluxdb,
  drop: Statement,
): Promise<string | undefined> {
  try {
    const [outcome] = await influxdb.runAll([drop])
    return isDone(outcome) ? undefined : `InfluxDB: ${outcome?.error ?? 'no answer to a statement'}`
  } catch (error) {
    return reasonOf(error)
  }
}

const isDone = (drop: Outcome | undefined) =>
  drop !== undefined && (drop.error === undefined || isGone(drop.error))

export type TokenMaker = Pick<SubscriptionTokens, 'create' | 'revoke'>
