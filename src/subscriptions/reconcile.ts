import type { Logger } from '../log/logger.js'
import { escaped } from '../text/printable.js'
import { digestOf } from '../token/own-token.js'
import type { ContestedPolicies } from './contested-policies.js'
import { createSubscription, dropping } from './create-subscription.js'
import { readDestination } from './destination.js'
import { keyOf, type Policy, policyText, type Subscription } from './influxdb-subscription.js'
import { askAgain, findOutOfStep, type ReadAgain } from './out-of-step.js'
import { INVALID_TOKEN, type Missing, type Plan, planSubscriptions } from './plan.js'
import {
  InfluxdbRefusal,
  isGone,
  policiesOf,
  type SubscribedInfluxdb,
  subscriptionsOf,
} from './subscribed-influxdb.js'
import { numberIn, subscriptionName } from './subscription-name.js'
import type { SubscriptionToken, SubscriptionTokens } from './subscription-tokens.js'
import type { TokenAge } from './token-age.js'
import type { UnusedTokens } from './unused-tokens.js'

/** What is remembered from one look to the next. */
export interface Remembered {
  readonly unusedTokens: UnusedTokens
  readonly contested: ContestedPolicies
  /** Of those that are dropped since they are not wanted. */
  readonly contestedDrops: ContestedPolicies
  readonly readAgain: ReadAgain
}

export interface ReconcileOptions extends Remembered {
  readonly influxdb: SubscribedInfluxdb
  readonly tokens: SubscriptionTokens
  /** As `addressOf` writes it. */
  readonly address: string
  readonly isWanted: (policy: Policy) => boolean
  readonly tokenAge: TokenAge
  readonly logger: Logger
  /** Ends it between two statements: a slow InfluxDB with many databases must not hold a stop up. */
  readonly stop: AbortSignal
}

/** What was found and done. */
export interface Reconciled extends Pick<Plan, 'kapacitors' | 'otherGateways' | 'doubles'> {
  /** How many there are now. */
  readonly kept: number
  readonly created: number
  readonly dropped: number
  readonly revoked: number
  /** Whose subscriptions somebody else replaces again and again: they are left alone for a while. */
  readonly contested: readonly Policy[]
  /** Whose subscriptions somebody else makes again and again, although they are not wanted: they are left alone, too. */
  readonly contestedDrops: readonly Policy[]
  /** How many tokens are to be revoked soon. */
  readonly unripe: number
  /** Those to which InfluxDB does not post, although it has read them again. */
  readonly unserved: readonly Subscription[]
  /** Whether it was made to read its subscriptions again. */
  readonly isReadAgain: boolean
  /** What InfluxDB refused, one text for each retention policy. */
  readonly refusals: readonly string[]
}

/**
 * Looks once, and does what has to be done. Several gateways may do so at the same time: of two that make the same
 * subscription InfluxDB refuses one, and that one takes its token back.
 *
 * It rejects if InfluxDB or the tokens cannot be asked, or it is stopped; what was done stays, and the next look goes on
 * from there.
 */
export async function reconcile(options: ReconcileOptions): Promise<Reconciled> {
  const { influxdb, tokens, address, isWanted, unusedTokens, tokenAge, logger, stop } = options
  const { contested, contestedDrops, readAgain } = options
  const policies = await policiesOf(influxdb, stop)
  stop.throwIfAborted()
  const subscriptions = await subscriptionsOf(influxdb)
  // Behind the subscriptions, so that the token of each is there, even if another gateway has just made it
  const used = await usedTokens(subscriptions, address, tokens, stop)
  const plan = planSubscriptions({
    address,
    isWanted,
    policies,
    subscriptions,
    tokens: await tokens.list(),
    isTooOld: tokenAge.isTooOld,
    tokenOf: (one) => used.get(one),
  })
  const refusals: string[] = []
  let created = 0
  let dropped = 0

  contested.noteKept(plan.kept)
  for (const one of plan.missing) {
    stop.throwIfAborted()
    if (one.reason === INVALID_TOKEN && !contested.mayTry(one)) continue
    if (await create(one)) created++
    if (one.reason === INVALID_TOKEN) contested.noteTried(one)
  }
  const kept = plan.kept.length + created
  let rotated = 0
  for (const one of plan.outdated.slice(0, tokenAge.atOneLook(kept))) {
    stop.throwIfAborted()
    if (await create(one)) rotated++
  }
  const returned = new Set(plan.unwanted.map(keyOf))
  contestedDrops.noteKept(policies.filter((one) => !returned.has(keyOf(one))))
  for (const one of plan.unwanted) {
    stop.throwIfAborted()
    if (!isWanted(one) && !contestedDrops.mayTry(one)) continue
    if (await drop(one)) dropped++
    if (!isWanted(one)) contestedDrops.noteTried(one)
  }
  const isReadAgain = created + rotated + dropped === 0 && (await keepInStep())
  const revoked = unusedTokens.ripe(plan.unusedTokens)
  for (const id of revoked) {
    stop.throwIfAborted()
    await tokens.revoke(id)
    logger.info({ token: id }, 'token of a subscription that is gone revoked')
  }
  const { kapacitors, otherGateways, doubles } = plan
  return {
    kept,
    created: created + rotated,
    dropped,
    revoked: revoked.length,
    contested: plan.missing.filter(contested.isContested),
    contestedDrops: plan.unwanted.filter(contestedDrops.isContested),
    unripe: plan.unusedTokens.length - revoked.length,
    unserved: plan.kept.filter(readAgain.isInVain),
    isReadAgain,
    refusals,
    kapacitors,
    otherGateways,
    doubles,
  }

  /** InfluxDB reads its subscriptions after each change. @returns whether it was made to, by one */
  async function keepInStep(): Promise<boolean> {
    stop.throwIfAborted()
    const outOfStep = await findOutOfStep(influxdb, subscriptions)
    const [kept] = plan.kept
    if (!readAgain.isDue(outOfStep) || !kept) return false
    const { database, policy } = kept
    const name = subscriptionName(address, (numberIn(kept.name, address) ?? 0) + BEYOND)
    const isDone = await askAgain(influxdb, { database, policy, name })
    for (const one of isDone ? outOfStep : []) {
      logger.info(
        fieldsOf(one),
        'InfluxDB has missed a change of this subscription; it reads them again',
      )
    }
    return isDone
  }

  /**
   * The token of one that is replaced stays valid until InfluxDB has sent what it had queued.
   *
   * @returns whether it was made; false if another gateway has made it, its policy is gone, or InfluxDB refuses it
   */
  async function create({ replaced, reason, ...wanted }: Missing): Promise<boolean> {
    const names = replaced.map(({ name }) => name)
    try {
      const left = await createSubscription(
        { ...wanted, address, replaced: names },
        address,
        options,
      )
      if (left === undefined) return false
      logger.info({ ...fieldsOf(wanted), reason }, 'subscription created')
      // The next look drops them
      for (const { name, error } of left) {
        refusals.push(`${policyText(wanted)}: "${name}" is not dropped: ${error}`)
      }
      return true
    } catch (error) {
      if (!(error instanceof InfluxdbRefusal)) throw error
      if (!isGone(error.message)) refusals.push(`${policyText(wanted)}: ${error.message}`)
      return false
    }
  }

  /** @returns whether it was dropped; false if another gateway was faster, or InfluxDB refuses it */
  async function drop(one: Subscription): Promise<boolean> {
    const [outcome] = await influxdb.runAll([dropping(one)])
    if (outcome?.error === undefined) {
      logger.info(fieldsOf(one), 'subscription dropped')
      return true
    }
    if (!isGone(outcome.error)) refusals.push(`${policyText(one)}: InfluxDB: ${outcome.error}`)
    return false
  }
}

/**
 * How far the number of a subscription that is made for a moment is from that of the real one. With the next number it could
 * be another's by the time it is dropped: somebody may replace the real one in between.
 */
const BEYOND = 1_000

/** The valid tokens of those subscriptions that are for this address. */
async function usedTokens(
  subscriptions: readonly Subscription[],
  address: string,
  tokens: SubscriptionTokens,
  stop: AbortSignal,
): Promise<ReadonlyMap<Subscription, SubscriptionToken>> {
  const used = new Map<Subscription, SubscriptionToken>()
  for (const one of subscriptions) {
    if (numberIn(one.name, address) === undefined) continue
    stop.throwIfAborted()
    const token = readDestination(one.destinations[0] ?? '')?.token
    const found = token === undefined ? undefined : await tokens.find(digestOf(token))
    if (found) used.set(one, found)
  }
  return used
}

function fieldsOf({ database, policy, name }: Policy & { readonly name: string }) {
  return { database: escaped(database), policy: escaped(policy), subscription: escaped(name) }
}
