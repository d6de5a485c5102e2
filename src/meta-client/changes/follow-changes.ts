import type { Clock, Milliseconds } from '../../time.js'
import { parseLocation } from '../wire/origin.js'
import { type ChangeEvent, readChangeEvent } from './change-event.js'
import { createEventParser } from './event-parser.js'
import type { OpenStream, StreamHead } from './open-stream.js'

export interface FollowChangesOptions {
  /** Origins of the meta nodes. */
  readonly nodes: readonly string[]
  readonly open: OpenStream
  readonly authorization: () => Promise<string | undefined>
  /** For the head of an answer. */
  readonly attemptTimeout: Milliseconds
  /** After so long without a byte the connection is taken for dead. */
  readonly silence: Milliseconds
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** What comes while a node's changes are followed. */
export interface ChangeFollower {
  /** The place to go on from; undefined for where the node is. */
  since(): string | undefined
  /** An event. @param isFirst whether it is the first of this stream */
  event(event: ChangeEvent, node: string, isFirst: boolean): void
  /** Something came, be it a heartbeat, after the first event. */
  heard(): void
}

/** How a stream came to its end. */
export interface Followed {
  /** `ended` by a healthy node, `failed`, or `unoffered`: the node has no change feed, or not for us. */
  readonly kind: 'ended' | 'failed' | 'unoffered'
  readonly node: string
  /** What went wrong; `closed` if the node ended the stream itself. */
  readonly code: string
  /** Whether it was up for a while. */
  readonly lasted: boolean
}

/** A stream that was up for less does not count as up: it might end again at once. */
const SOON: Milliseconds = 1_000

/** How many redirects are followed, as for other requests. */
const MAX_HOPS = 3

/** The code of a stream that held something else than events. */
export const INVALID = 'ERR_META_INVALID'

/** A function that follows the changes at a node, or at the leader that it names, until the stream ends. */
export function createFollowChanges(options: FollowChangesOptions) {
  const { nodes, open, authorization, attemptTimeout, silence, clock, signal } = options
  const patience = { head: attemptTimeout, piece: silence }

  /** One stream at one node. */
  async function stream(node: string, follower: ChangeFollower) {
    const since = follower.since()
    let head: StreamHead | undefined
    let began: Milliseconds | undefined
    const parse = createEventParser((event) => {
      if (event.type !== 'message') return
      const change = readChangeEvent(event)
      const isFirst = began === undefined
      began ??= clock()
      follower.event(change, node, isFirst)
    })
    const reader = {
      head(answer: StreamHead) {
        head = answer
        return isEventStream(answer)
      },
      piece(piece: Uint8Array) {
        parse(piece)
        if (began !== undefined) follower.heard()
      },
    }
    const url = `${node}/changes${since === undefined ? '' : `?since=${since}`}`
    const end = await open(url, await authorization(), reader, patience, signal)
    const code = end instanceof Error ? INVALID : end
    return { head: head as StreamHead | undefined, began: began as Milliseconds | undefined, code }
  }

  return async function followChanges(start: string, follower: ChangeFollower): Promise<Followed> {
    let node = start
    for (let hops = 0; ; hops++) {
      const { head, began, code } = await stream(node, follower)
      if (began !== undefined) {
        const lasted = clock() - began >= SOON
        const kind = code === undefined && lasted ? 'ended' : 'failed'
        return { kind, node, code: code ?? 'closed', lasted }
      }
      const failed = (code: string): Followed => ({ kind: 'failed', node, code, lasted: false })
      if (head === undefined || code !== undefined) return failed(String(code))
      if (isEventStream(head)) return failed('closed')
      if (head.status >= 500) return failed(`HTTP ${head.status}`)
      const leader = head.status === 307 ? parseLocation(head.location) : undefined
      if (leader === undefined || !nodes.includes(leader) || hops === MAX_HOPS) {
        const what = head.status === 200 ? `HTTP 200 ${head.type}` : `HTTP ${head.status}`
        return { kind: 'unoffered', node: start, code: what.slice(0, 80), lasted: false }
      }
      node = leader
    }
  }
}

function isEventStream({ status, type }: StreamHead): boolean {
  return status === 200 && type === 'text/event-stream'
}
