import type { Logger } from '../../log/logger.js'
import { escaped } from '../../text/printable.js'
import { type Clock, type Milliseconds, monotonic } from '../../time.js'
import type { MetaClientEvent, MetaClientLog } from './event.js'

/** While the same trouble lasts, it is logged once in this time, with a count. */
const INTERVAL: Milliseconds = 60_000

/** A trouble with a node that lasts. */
interface Trouble {
  loggedAt: Milliseconds
  /** Events since the last line. */
  count: number
}

/**
 * Writes what happens with the meta nodes to the operator's log: one line when a node begins to fail, one a minute while it
 * goes on (`repeated` events), and one when it answers again.
 */
export function createEventLog(logger: Logger, now: Clock = monotonic): MetaClientLog {
  /** By node and event: as many as there are nodes, twice. */
  const troubles = new Map<string, Trouble>()

  function repeatable(event: MetaClientEvent & { readonly node: string }): void {
    const key = `${event.event} ${event.node}`
    const trouble = troubles.get(key)
    if (trouble === undefined) {
      troubles.set(key, { loggedAt: now(), count: 0 })
      logger.warn(event, messageOf(event))
      return
    }
    trouble.count++
    if (now() - trouble.loggedAt < INTERVAL) return
    logger.warn({ ...event, repeated: trouble.count }, messageOf(event))
    troubles.set(key, { loggedAt: now(), count: 0 })
  }

  return function logEvent(event) {
    switch (event.event) {
      case 'attempt-failed':
      case 'answer-refused':
        return repeatable(event)
      case 'node-up': {
        troubles.delete(`attempt-failed ${event.node}`)
        troubles.delete(`answer-refused ${event.node}`)
        return logger.info(event, messageOf(event))
      }
      case 'permission-unknown':
      case 'permission-scoped':
      case 'certificate-unchecked':
      case 'tokens-unoffered':
        return logger.warn(event, messageOf(event))
      default:
        return logger.info(event, messageOf(event))
    }
  }
}

/** An event in words, for people. It holds no secret. */
export function messageOf(event: MetaClientEvent): string {
  switch (event.event) {
    case 'attempt-failed':
      return `meta node ${event.node} does not answer: ${reasonOf(event.code)}`
    case 'answer-refused':
      return `meta node ${event.node} gave an invalid answer: ${event.reason}`
    case 'node-up':
      return `meta node ${event.node} answers again`
    case 'permission-unknown':
      return `the meta node grants a permission that is not known here and is ignored: ${escaped(event.name)}`
    case 'permission-scoped':
      return `${event.name} is granted on database "${escaped(event.scope)}", but what it opens does not depend on a database: it counts everywhere`
    case 'push-up':
      return `changes are pushed by meta node ${event.node}`
    case 'push-down':
      return `change feed of meta node ${event.node} lost, falling back to revalidation: ${reasonOf(event.code)}`
    case 'push-unoffered':
      return `meta node ${event.node} offers no change feed, users are revalidated instead: ${event.reason}`
    case 'tokens-unoffered':
      return 'a token was presented, but the meta node has no tokens (InfluxDB Enterprise, or an older version): tokens need a meta node of this version'
    case 'certificate-unchecked':
      return "the meta nodes' certificates are not verified ([auth] meta-insecure-skip-verify = true)"
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection closed',
  ETIMEDOUT: 'no answer in time',
  ENOTFOUND: 'unknown host name',
  EAI_AGAIN: 'the name server does not answer',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ERR_OUTDATED: 'it does not know of the latest changes yet',
  ERR_META_INVALID: 'invalid event',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by a trusted CA',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by a trusted CA',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by a trusted CA',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not signed by a trusted CA',
  closed: 'the node closed it',
}

/** `connection refused (ECONNREFUSED)`; a code that says nothing to people stands alone. */
function reasonOf(code: string): string {
  const words = Object.hasOwn(REASONS, code) ? REASONS[code] : undefined
  if (words === undefined || code === 'closed') return words ?? code
  return `${words} (${code})`
}
