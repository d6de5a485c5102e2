import type { Clock, Milliseconds } from '../../time.js'
import type { Get } from './get.js'
import type { Answer } from './meta-exchange.js'
import { TOO_LARGE } from './meta-exchange.js'
import { parseLocation } from './origin.js'
import { invalidAnswer } from './refusal.js'

/** How many redirects one try follows: a follower names the leader, which may have changed meanwhile. */
const MAX_HOPS = 3

/** What the node said that was asked in the end, or why it said nothing. */
export type Outcome =
  | { readonly node: string; readonly answer: Answer }
  | { readonly node: string; readonly failure: string }

export interface AttemptOptions {
  /** Origins of the meta nodes. */
  readonly nodes: readonly string[]
  /** The `Authorization` header, if there is one. */
  readonly authorization: () => Promise<string | undefined>
  readonly get: Get
  readonly clock: Clock
}

/** One try at `node`, of at most `budget`. `target` is path and query. */
export type Attempt = (
  node: string,
  target: string,
  budget: Milliseconds,
  signal: AbortSignal,
) => Promise<Outcome>

/**
 * A function for one try at a node: no answer in time and 5xx are failures, after which the next node may be
 * asked. 307 is followed if `Location` names one of our nodes, scheme included: path and query stay ours, so
 * that nothing is sent to anyone else, and nothing but the question to anyone.
 *
 * Rejects with `ERR_META_INVALID` for any other 307 and for an answer that is too large.
 */
export function createAttempt({ nodes, authorization, get, clock }: AttemptOptions): Attempt {
  return async function attempt(node, target, budget, signal) {
    const end = clock() + budget
    let at = node
    for (let hops = 0; ; hops++) {
      const left = end - clock()
      if (left <= 0) return { node: at, failure: 'ETIMEDOUT' }
      const answer = await get(at + target, await authorization(), left, signal)
      if ('failure' in answer) {
        if (answer.failure === TOO_LARGE) throw invalidAnswer('answer too large')
        return { node: at, failure: answer.failure }
      }
      if (answer.status >= 500) return { node: at, failure: `HTTP ${answer.status}` }
      if (answer.status !== 307) return { node: at, answer }
      const leader = parseLocation(answer.location)
      if (leader === undefined) throw invalidAnswer('redirect without a usable Location')
      if (!nodes.includes(leader)) throw invalidAnswer('redirect to an unlisted node')
      if (hops === MAX_HOPS) throw invalidAnswer('too many redirects')
      at = leader
    }
  }
}
