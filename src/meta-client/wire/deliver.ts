import type { Answer } from './meta-exchange.js'
import { TOO_LARGE } from './meta-exchange.js'
import { parseLocation } from './origin.js'
import { refusalText } from './refusal-text.js'
import { CONNECT_TIMEOUT, type Method, type Send } from './send.js'
import { type FailedTry, troubled } from './trouble.js'

/** How many redirects one try follows: a follower names the leader, which may have changed meanwhile. */
const MAX_HOPS = 3

/** A request of a command. */
export interface Delivery {
  /** Path and query. */
  readonly target: string
  /** The change as JSON. @default none: a question, unless the method says otherwise */
  readonly json?: string | undefined
  /** @default POST with JSON, GET without */
  readonly method?: Method | undefined
  /** Whether it may be sent again where it may have been done already. @default true */
  readonly isRepeatable?: boolean | undefined
  /** What no error may show. */
  readonly secrets: readonly string[]
}

/** What a node said that is neither 5xx nor 307. */
export interface Delivered {
  readonly node: string
  readonly answer: Answer
  /** Nodes that had the request before, gave no answer, and may have done it. */
  readonly doubtful: readonly string[]
}

export type Deliver = (delivery: Delivery) => Promise<Delivered>

/**
 * A function that takes a request to the nodes in turn, each once, until one answers: for changes, too, since nearly
 * each of the meta API's is safe to repeat. 307 is followed with body and credentials if `Location` names one of `nodes`,
 * scheme included; path and query stay ours.
 *
 * Rejects with `ERR_META_UNAVAILABLE` if no node takes it, and `ERR_META_INVALID` for an answer that is too large.
 */
export function createDeliver(nodes: readonly string[], send: Send): Deliver {
  return async function deliver({ target, json, method, secrets, isRepeatable = true }) {
    const isChange = json !== undefined || (method !== undefined && method !== 'GET')
    const failures: FailedTry[] = []
    const doubtful = new Set<string>()
    for (const first of nodes) {
      let node = first
      for (let hops = 0; ; hops++) {
        const answer = await send(node + target, json, method)
        if ('failure' in answer) {
          const { failure } = answer
          if (failure === TOO_LARGE) throw tooLarge(node)
          if (isChange && !wasNotSent(failure)) doubtful.add(node)
          failures.push({ node, failure })
          break
        }
        if (answer.status >= 500) {
          if (isChange) doubtful.add(node)
          const text = refusalText(answer, secrets)
          failures.push({ node, failure: `HTTP ${answer.status}`, text })
          break
        }
        if (answer.status !== 307) return { node, answer, doubtful: [...doubtful] }
        const leader = parseLocation(answer.location)
        if (leader === undefined || !nodes.includes(leader) || hops === MAX_HOPS) {
          failures.push({ node, failure: 'HTTP 307', leader })
          break
        }
        node = leader
      }
      if (!isRepeatable && doubtful.size > 0) break
    }
    throw troubled('ERR_META_UNAVAILABLE', 'meta node unavailable', {
      kind: 'unreachable',
      failures,
      doubtful: [...doubtful],
    })
  }
}

/** Whether nothing of a request can have arrived: there was no connection, or the TLS handshake failed. */
function wasNotSent(failure: string): boolean {
  return failure === CONNECT_TIMEOUT || NOT_SENT.test(failure)
}

const NOT_SENT =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EPROTO|CERT_\w+|\w*_CERT\w*|\w*SELF_SIGNED\w*|UNABLE_TO_\w+|ERR_TLS_\w+|ERR_SSL_\w+)$/

function tooLarge(node: string) {
  const reason = 'it is too large'
  return troubled('ERR_META_INVALID', 'meta node gave an invalid answer', {
    kind: 'invalid',
    node,
    reason,
  })
}
