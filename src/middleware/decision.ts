import type { Context } from 'koa'
import type { Action } from '../authz/action.js'
import type { AuthErrorCode } from '../errors.js'
import type { Milliseconds } from '../time.js'

/** What was decided about one request, for the audit log and for metrics. Holds no secrets. */
export interface Decision {
  /** `allowed`: it goes on. `refused`: 4xx. `failed`: 5xx, since it could not be told. */
  readonly outcome: 'allowed' | 'refused' | 'failed'

  /** Why not: the refusal's code; undefined for what is allowed. */
  readonly code: AuthErrorCode | undefined

  /**
   * How the user became known: `remembered` (a cache hit), `verified` (a directory or a hash was asked), or not at
   * all: `open` (an endpoint without authentication), `off` (authentication is off), `none` (refused before).
   */
  readonly via: 'remembered' | 'verified' | 'open' | 'off' | 'none'

  /** Who it is; undefined where nobody was authenticated. */
  readonly user: string | undefined

  /** Whom the credentials name, whether or not it is true; undefined where they name nobody. */
  readonly claimed: string | undefined

  /** What the request is about to do; undefined where it cannot be read. */
  readonly action: Action | undefined

  /** How old the answer is that it rests on. */
  readonly age: Milliseconds | undefined
}

/** Hears of each decision, before the application does. Must not throw. */
export type DecisionListener = (ctx: Context, decision: Decision) => void
