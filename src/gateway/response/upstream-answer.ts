import type { AuthError } from '../../errors.js'
import type { Milliseconds } from '../../time.js'

/**
 * The outcome of an exchange with the upstream. `answered`: with whatever status. `unavailable`, `timeout`, `busy`: the client got
 * 502, 504 or 503. `abandoned`: the client went away first, or what it sent was refused on the way.
 */
export type UpstreamOutcome = 'answered' | 'unavailable' | 'timeout' | 'busy' | 'abandoned'

/** One exchange with the upstream, for metrics: no target, no user. */
export interface UpstreamAnswer {
  /**
   * Until the first piece of the answer was there, waiting for a connection included; or until it was clear that there is
   * none.
   */
  readonly milliseconds: Milliseconds
  readonly outcome: UpstreamOutcome
}

/** The outcome of an exchange that ends with an error. */
export function outcomeOf({ code, status }: AuthError): UpstreamOutcome {
  if (status < 500) return 'abandoned'
  if (code === 'ERR_UPSTREAM_TIMEOUT') return 'timeout'
  return code === 'ERR_BUSY' ? 'busy' : 'unavailable'
}
