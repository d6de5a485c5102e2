import { type Clock, type Milliseconds, monotonic } from '../../time.js'
import { backoff } from '../wire/backoff.js'
import type { MetaClientLog } from '../wire/event.js'
import { parseLocation } from '../wire/origin.js'
import { readChangeEvent } from './change-event.js'
import { createEventParser } from './event-parser.js'
import type { OpenStream, StreamHead } from './open-stream.js'

/** Told the names of users that are not as they were; undefined if it may be any. */
export type ChangeListener = (names: readonly string[] | undefined) => void

/** What becomes of a subscription. */
export interface Subscription {
  /** Up to when every change has been told, by the client's clock; -Infinity if never. */
  readonly reportedUntil: Milliseconds

  /** Whether a meta node is telling. */
  readonly up: boolean

  /** How many changes the meta node that is telling knows of; undefined if none is telling. */
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
  /** How long a node that does not tell changes is left alone. @default 300_000 (5 minutes) */
  readonly rest?: Milliseconds | undefined
  readonly log?: MetaClientLog | undefined
  readonly clock?: Clock | undefined
  readonly random?: (() => number) | undefined
}

/** A stream that was up for less does not count as one: it might end again at once. */
const SOON: Milliseconds = 1_000

/** How many redirects are followed, as for other questions. */
const MAX_HOPS = 3

/**
 * Listens to the changes of a cluster at one of its nodes, and at another when that one fails or falls silent; what
 * happened in between is caught up. Nodes that do not offer it are asked again now and then.
 */
export function createSubscription(
  listener: ChangeListener,
  options: SubscriptionOptions,
): Subscription {
  const { nodes, open, authorization, attemptTimeout, log } = options
  const { silence = 6_000, rest = 300_000, clock = monotonic, random = Math.random } = options
  const ending = new AbortController()
  /** Until when a node is left alone, and why. */
  const resting = new Map<string, { until: Milliseconds; reason: string }>()
  let reportedUntil = Number.NEGATIVE_INFINITY
  let events = 0
  let up: string | undefined // the node
  let position: { mark: string; index: number } | undefined

  function rise(node: string): void {
    resting.delete(node)
    if (up !== node) log?.({ event: 'push-up', node })
    up = node
  }

  function fall(code: string): void {
    if (up !== undefined) log?.({ event: 'push-down', node: up, code })
    up = undefined
  }

  /** Only of a mark with a word can a meta node tell that it is another registry's, be it at the same address. */
  function lastMark(): string | undefined {
    return position?.mark.includes('-') ? position.mark : undefined
  }

  /** Listens at a node, for as long as it goes. */
  async function visit(start: string): Promise<Visit> {
    let node = start
    for (let hops = 0; ; hops++) {
      const since = lastMark()
      let head: StreamHead | undefined
      let began: Milliseconds | undefined
      const parse = createEventParser((event) => {
        if (event.type !== 'message') return
        const { mark, index, names } = readChangeEvent(event)
        const isFirst = began === undefined
        began ??= clock()
        events++
        position = { mark, index }
        if (isFirst) rise(node)
        // Where we stand was not known before, or what was known is of no use
        listener(isFirst && since === undefined ? undefined : names)
      })
      const query = since === undefined ? '' : `?since=${since}`
      const reader = {
        head(answer: StreamHead) {
          head = answer
          return answer.status === 200 && answer.type === 'text/event-stream'
        },
        piece(piece: Uint8Array) {
          parse(piece)
          if (began !== undefined) reportedUntil = clock()
        },
      }
      const url = `${node}/changes${query}`
      const patience = { head: attemptTimeout, piece: silence }
      const end = await open(url, await authorization(), reader, patience, ending.signal)
      if (end instanceof Error) position = undefined // nothing that it said is to be relied on
      if (began !== undefined) {
        const lasted = clock() - began >= SOON
        const isWell = end === undefined && lasted
        const code = end instanceof Error ? 'ERR_META_INVALID' : (end ?? 'closed')
        return { kind: isWell ? 'ended' : 'failed', node, code, lasted }
      }
      if (head === undefined || end !== undefined) {
        return {
          kind: 'failed',
          node,
          code: end instanceof Error ? 'ERR_META_INVALID' : String(end),
        }
      }
      if (head.status === 200 && head.type === 'text/event-stream') {
        return { kind: 'failed', node, code: 'closed' }
      }
      if (head.status >= 500) return { kind: 'failed', node, code: `HTTP ${head.status}` }
      const leader = head.status === 307 ? parseLocation(head.location) : undefined
      if (leader === undefined || !nodes.includes(leader) || hops === MAX_HOPS) {
        const what = head.status === 200 ? `HTTP 200 ${head.type}` : `HTTP ${head.status}`
        return { kind: 'unoffered', node: start, code: what.slice(0, 80) }
      }
      node = leader
    }
  }

  function leaveAlone(node: string, reason: string): void {
    if (resting.get(node)?.reason !== reason) log?.({ event: 'push-unoffered', node, reason })
    resting.set(node, { until: clock() + rest * (0.5 + random() / 2), reason })
  }

  async function listen(): Promise<void> {
    let [at, failures, round] = [0, 0, 0]
    while (!ending.signal.aborted) {
      const isAwake = (node: string) => (resting.get(node)?.until ?? 0) <= clock()
      const awake = nodes.filter(isAwake)
      if (awake.length === 0) {
        const until = Math.min(...[...resting.values()].map((one) => one.until))
        await pause(until - clock(), ending.signal)
        continue
      }
      while (!isAwake(nodes[at % nodes.length] as string)) at++
      const { kind, node, code, lasted } = await visit(nodes[at % nodes.length] as string)
      if (ending.signal.aborted) return
      if (lasted) failures = round = 0
      if (kind === 'ended') {
        // As when a token expires: it is most likely there again at once
        at = nodes.indexOf(node)
        continue
      }
      fall(code)
      at++
      if (kind === 'unoffered') leaveAlone(node, code)
      else if (++failures >= awake.length) {
        failures = 0
        await pause(backoff(round++, random), ending.signal)
      }
    }
  }
  listen().catch((error) => fall(String(error.code ?? 'ERR_INTERNAL')))

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

/** How a visit came to its end. */
interface Visit {
  readonly kind: 'ended' | 'failed' | 'unoffered'
  readonly node: string
  readonly code: string
  /** Whether it was up for a while. */
  readonly lasted?: boolean
}

/** Does not keep the process from ending. */
function pause(ms: Milliseconds, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, Math.min(Math.max(ms, 1), 2 ** 31 - 1)).unref()
    signal.addEventListener('abort', done)
  })
}
