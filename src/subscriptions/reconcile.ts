import type { Statement } from '../influxql/ast/statement.js'
import type { Logger } from '../log/logger.js'
import { escaped } from '../text/printable.js'
import { newSubscriptionToken } from '../token/own-token.js'
import { destinationOf } from './destination.js'
import { type Missing, type Plan, planSubscriptions } from './plan.js'
import {
  InfluxdbRefusal,
  policiesOf,
  required,
  type SubscribedInfluxdb,
  subscriptionsOf,
} from './subscribed-influxdb.js'
import { type Policy, policyText, type Subscription } from './subscription.js'
import type { SubscriptionTokens } from './subscription-tokens.js'
import type { UnusedTokens } from './unused-tokens.js'

export interface ReconcileOptions {
  readonly influxdb: SubscribedInfluxdb
  readonly tokens: SubscriptionTokens
  /** As `addressOf` writes it. */
  readonly address: string
  readonly isWanted: (policy: Policy) => boolean
  readonly unusedTokens: UnusedTokens
  readonly logger: Logger
}

/** What was found and done. */
export interface Reconciled extends Pick<Plan, 'kapacitors' | 'otherGateways'> {
  /** How many there are now. */
  readonly kept: number
  readonly created: number
  readonly dropped: number
  readonly revoked: number
  /** What InfluxDB refused, one text for each retention policy. */
  readonly refusals: readonly string[]
}

/**
 * Looks once, and does what has to be done. Several gateways may do so at the same time: of two that make the same
 * subscription InfluxDB refuses one, and that one takes its token back.
 *
 * It rejects if InfluxDB or the tokens cannot be asked; what was done stays, and the next look goes on from there.
 */
export async function reconcile(options: ReconcileOptions): Promise<Reconciled> {
  const { influxdb, tokens, address, isWanted, unusedTokens, logger } = options
  const policies = await policiesOf(influxdb)
  const subscriptions = await subscriptionsOf(influxdb)
  // Last, so that the token of each subscription that was seen is among them, even if another gateway has just made it
  const valid = (await tokens.listSubscriptionTokens()).filter((one) => one.revokedAt === undefined)
  const plan = planSubscriptions({ address, isWanted, policies, subscriptions, tokens: valid })
  const refusals: string[] = []
  let created = 0
  let dropped = 0

  for (const one of plan.missing) {
    try {
      if (await create(one)) created++
    } catch (error) {
      if (!(error instanceof InfluxdbRefusal)) throw error
      refusals.push(`${policyText(one)}: ${error.message}`)
    }
  }
  for (const one of plan.unwanted) {
    await influxdb.runAll([dropping(one)]) // another gateway may have been faster
    dropped++
    logger.info(fieldsOf(one), 'subscription dropped')
  }
  const revoked = unusedTokens.ripe(plan.unusedTokens)
  for (const id of revoked) {
    await tokens.revokeSubscriptionToken(id)
    logger.info({ token: id }, 'token of a subscription that is gone revoked')
  }
  const { kapacitors, otherGateways } = plan
  const kept = plan.kept.length + created
  return { kept, created, dropped, revoked: revoked.length, refusals, kapacitors, otherGateways }

  /**
   * The old one is dropped in the same request, behind the new one: so no point is lost. The old one's token stays valid
   * until InfluxDB has sent what it had queued.
   *
   * @returns whether it was made; false if another gateway has made it
   */
  async function create({ database, policy, name, replaced, reason }: Missing): Promise<boolean> {
    const { token, digest } = newSubscriptionToken()
    const wanted = { digest, database, policy, name, gateway: address }
    const { id } = await tokens.createSubscriptionToken(wanted)
    const destinations = [destinationOf(address, token)]
    const [outcome] = await influxdb.runAll([
      { kind: 'CREATE SUBSCRIPTION', database, policy, name, mode: 'ANY', destinations },
      ...replaced.map(dropping),
    ])
    if (outcome?.error === undefined) {
      required(outcome)
      logger.info({ ...fieldsOf(wanted), reason }, 'subscription created')
      return true
    }
    await tokens.revokeSubscriptionToken(id)
    if (outcome.error.includes('already exists')) return false
    throw new InfluxdbRefusal(outcome.error)
  }
}

function dropping({ database, policy, name }: Subscription): Statement {
  return { kind: 'DROP SUBSCRIPTION', database, policy, name }
}

function fieldsOf({ database, policy, name }: Policy & { readonly name: string }) {
  return { database: escaped(database), policy: escaped(policy), subscription: escaped(name) }
}
