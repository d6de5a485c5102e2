import { type Clock, type Milliseconds, monotonic, pause } from '../../time.js'
import { backoff } from '../wire/backoff.js'
import type { MetaClientLog } from '../wire/event.js'
import type { ChangedAccounts, ChangeEvent } from './change-event.js'
import { createFollowChanges, INVALID } from './follow-changes.js'
import type { OpenStream } from './open-stream.js'

/** Called with what has changed; undefined if it may be anything. */
export type ChangeListener = (changed: ChangedAccounts | undefined) => void

/** The state of a subscription. */
export interface Subscription {
  /** Up to when every change has been reported, by the client's clock; -Infinity if never. */
  readonly reportedUntil: Milliseconds

  /** Whether a meta node's changes are being followed. */
  readonly up: boolean

  /** How many changes that meta node knows of; undefined if none is followed. */
  readonly index: number | undefined

  /** How many events have come. */
  readonly events: number

  close(): void
}

export interface SubscriptionOptions {
  /** Origins of the meta nodes. */
  readonly nodes: readonly string[]
  readonly open: OpenStream
  readonly authorization: () => Promise<string | undefined>
  /** For the head of an answer. */
  readonly attemptTimeout: Milliseconds
  /** After so long without a byte the connection is taken for dead: three heartbeats. @default 6_000 */
  readonly silence?: Milliseconds | undefined
  /** How long a node without a change feed is left alone. @default 300_000 (5 minutes) */
  readonly rest?: Milliseconds | undefined
  readonly log?: MetaClientLog | undefined
  readonly clock?: Clock | undefined
  readonly random?: (() => number) | undefined
}

/**
 * Follows the changes of a cluster at one of its nodes, and at another when that one fails or falls silent; what
 * happened in between is caught up. Nodes that offer no change feed are asked again now and then.
 */
export function createSubscription(
  listener: ChangeListener,
  options: SubscriptionOptions,
): Subscription {
  const { nodes, open, authorization, attemptTimeout, log } = options
  const { silence = 6_000, rest = 300_000, clock = monotonic, random = Math.random } = options
  const ending = new AbortController()
  const { signal } = ending
  const follow = createFollowChanges({
    nodes,
    open,
    authorization,
    attemptTimeout,
    silence,
    clock,
    signal,
  })
  /** Until when a node is left alone, and why. */
  const resting = new Map<string, { until: Milliseconds; reason: string }>()
  let reportedUntil = Number.NEGATIVE_INFINITY
  let events = 0
  let up: string | undefined // the node
  let position: { mark: string; index: number } | undefined

  function setUp(node: string): void {
    resting.delete(node)
    if (up !== node) log?.({ event: 'push-up', node })
    up = node
  }

  function setDown(code: string): void {
    if (up !== undefined) log?.({ event: 'push-down', node: up, code })
    up = undefined
  }

  const follower = {
    /** Only from a mark with a random part can a node see that it came from another registry at the same address. */
    since: () => (position?.mark.includes('-') ? position.mark : undefined),
    event({ mark, index, changed }: ChangeEvent, node: string, isFirst: boolean) {
      const isContinued = follower.since() !== undefined
      events++
      position = { mark, index }
      if (isFirst) setUp(node)
      // Without a known position before, anybody may have changed meanwhile
      listener(isFirst && !isContinued ? undefined : changed)
    },
    heard() {
      reportedUntil = clock()
    },
  }

  function leaveAlone(node: string, reason: string): void {
    if (resting.get(node)?.reason !== reason) log?.({ event: 'push-unoffered', node, reason })
    resting.set(node, { until: clock() + rest * (0.5 + random() / 2), reason })
  }

  async function run(): Promise<void> {
    let [at, failures, round] = [0, 0, 0]
    while (!signal.aborted) {
      const isAwake = (node: string) => (resting.get(node)?.until ?? 0) <= clock()
      const awake = nodes.filter(isAwake)
      if (awake.length === 0) {
        const until = Math.min(...[...resting.values()].map((one) => one.until))
        await pause(until - clock(), signal, { ref: false })
        continue
      }
      while (!isAwake(nodes[at % nodes.length] as string)) at++
      const { kind, node, code, lasted } = await follow(
        nodes[at % nodes.length] as string,
        follower,
      )
      if (code === INVALID) position = undefined // nothing that it said can be relied on
      if (signal.aborted) return
      if (lasted) failures = round = 0
      if (kind === 'ended') {
        // As when a token expires: it is most likely there again at once
        at = nodes.indexOf(node)
        continue
      }
      setDown(code)
      at++
      if (kind === 'unoffered') leaveAlone(node, code)
      else if (++failures >= awake.length) {
        failures = 0
        await pause(backoff(round++, random), signal, { ref: false })
      }
    }
  }
  run().catch((error) => setDown(String(error.code ?? 'ERR_INTERNAL')))

  return {
    get reportedUntil() {
      return reportedUntil
    },
    get up() {
      return up !== undefined
    },
    get index() {
      return up === undefined ? undefined : position?.index
    },
    get events() {
      return events
    },
    close() {
      ending.abort()
      up = undefined
    },
  }
}
