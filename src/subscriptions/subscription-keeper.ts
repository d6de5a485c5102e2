import { escaped } from '../text/printable.js'
import type { Milliseconds } from '../time.js'
import { createContestedPolicies } from './contested-policies.js'
import { createReadAgain } from './out-of-step.js'
import { type Reconciled, type ReconcileOptions, type Remembered, reconcile } from './reconcile.js'
import { UNUSED_AGE } from './revocation-delays.js'
import { reasonOf } from './subscribed-influxdb.js'
import { warningsOf } from './subscription-warnings.js'
import { createTokenAge, type TokenAgeOptions } from './token-age.js'
import { createUnusedTokens } from './unused-tokens.js'

export interface SubscriptionKeeperOptions
  extends Omit<ReconcileOptions, keyof Remembered | 'tokenAge' | 'stop'>,
    TokenAgeOptions {
  /** In milliseconds, from a clock that only goes on. @default performance.now */
  readonly now?: () => number
}

/** What is shown of it. No secrets. */
export interface SubscriptionStatus {
  /** How many subscriptions there were at the last look that succeeded; undefined before the first. */
  readonly kept: number | undefined
  /** Why the last look did not succeed. */
  readonly problem: string | undefined
  /** What somebody should do something about. */
  readonly warnings: readonly string[]
  readonly created: number
  readonly dropped: number
  readonly revoked: number
  readonly failures: number
}

/** Keeps the subscriptions that bring InfluxDB's points to this gateway. */
export interface SubscriptionKeeper {
  /** Looks now, or once more behind a look that is running. Never rejects. */
  look(): Promise<void>
  /** Looks in a moment, once for all calls until then: databases or retention policies have changed. */
  lookSoon(): void
  status(): SubscriptionStatus
  /** The subscriptions stay. Resolves when nothing is under way any more: behind the statement that runs. */
  close(): Promise<void>
}

/** After a failure it looks again sooner: after this, then twice as long, up to the interval. */
const FIRST_RETRY: Milliseconds = 1_000

/** After a change it looks once more whether InfluxDB posts to what it lists, see `findOutOfStep`. */
const SETTLED: Milliseconds = 1_000

/** How long it waits for further changes: several statements often come one after the other. */
const SOON: Milliseconds = 200

/** Begins at once. Each failure is logged when it begins, and when it is over. */
export function createSubscriptionKeeper(options: SubscriptionKeeperOptions): SubscriptionKeeper {
  const { logger, interval, now = () => performance.now() } = options
  const remembered: Remembered = {
    unusedTokens: createUnusedTokens(now),
    contested: createContestedPolicies(now),
    contestedDrops: createContestedPolicies(now),
    readAgain: createReadAgain(),
  }
  const tokenAge = createTokenAge(options)
  const counts = { created: 0, dropped: 0, revoked: 0, failures: 0 }
  let kept: number | undefined
  let problem: string | undefined
  let warnings: readonly string[] = []
  let isUnripe = false
  let isChanged = false
  let retry = FIRST_RETRY
  let timer: NodeJS.Timeout | undefined
  let soon: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let isAskedAgain = false
  const closing = new AbortController()

  async function lookOnce(): Promise<void> {
    try {
      note(await reconcile({ ...options, ...remembered, tokenAge, stop: closing.signal }))
    } catch (error) {
      if (!closing.signal.aborted) fail(reasonOf(error))
    }
  }

  function note(done: Reconciled): void {
    kept = done.kept
    isUnripe = done.unripe > 0
    isChanged = done.created + done.dropped > 0 || done.isReadAgain
    counts.created += done.created
    counts.dropped += done.dropped
    counts.revoked += done.revoked
    warn(warningsOf(done))
    if (done.refusals.length > 0) fail(done.refusals.join('; '))
    else succeed()
  }

  function succeed(): void {
    if (problem !== undefined) logger.info({ subscriptions: kept }, 'subscriptions are in order')
    problem = undefined
    retry = FIRST_RETRY
  }

  function fail(reason: string): void {
    counts.failures++
    const says = escaped(reason)
    if (says !== problem) {
      logger.warn({ reason: says }, 'subscriptions could not be looked after; trying again')
    }
    problem = says
    retry = Math.min(2 * retry, interval)
  }

  function warn(now: readonly string[]): void {
    for (const warning of now.filter((one) => !warnings.includes(one))) logger.warn({}, warning)
    warnings = now
  }

  function wait(): void {
    if (closing.signal.aborted) return
    const soonest = isChanged ? SETTLED : isUnripe ? UNUSED_AGE : interval
    const pause = problem === undefined ? Math.min(soonest, interval) : retry
    timer = setTimeout(() => void look(), pause).unref()
  }

  async function looks(): Promise<void> {
    clearTimeout(timer)
    do {
      isAskedAgain = false
      await lookOnce()
    } while (isAskedAgain && !closing.signal.aborted)
    running = undefined
    wait()
  }

  function look(): Promise<void> {
    if (closing.signal.aborted) return Promise.resolve()
    if (running) isAskedAgain = true
    else running = looks()
    return running
  }

  function lookSoon(): void {
    if (closing.signal.aborted) return
    soon ??= setTimeout(() => {
      soon = undefined
      void look()
    }, SOON).unref()
  }

  void look()

  return {
    look,
    lookSoon,
    status: () => ({ kept, problem, warnings, ...counts }),
    async close() {
      closing.abort()
      clearTimeout(timer)
      clearTimeout(soon)
      await running
    },
  }
}
