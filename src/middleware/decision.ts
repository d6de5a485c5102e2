import type { IncomingMessage } from 'node:http'
import type { Context } from 'koa'
import type { Action } from '../authz/action.js'
import type { AuthError, AuthErrorCode } from '../errors.js'
import type { Milliseconds } from '../time.js'

/** Which daemon's API a request came in by: Kapacitor's, InfluxDB's, or the meta node's. */
export type Door = 'kapacitor' | 'influxdb' | 'meta'

/** What was decided about one request, for the audit log and for metrics. Holds no secrets. */
export interface Decision {
  /** @default 'kapacitor' */
  readonly door?: Door | undefined

  /** `allowed`: it goes on. `refused`: 4xx. `failed`: 5xx, since it could not be told. */
  readonly outcome: 'allowed' | 'refused' | 'failed'

  /** Why not: the refusal's code; undefined for what is allowed. */
  readonly code: AuthErrorCode | undefined

  /**
   * How the user became known: `remembered` (a cache hit), `verified` (a directory or a hash was asked), `node` (another
   * node's token), or not at all: `open` (an endpoint without authentication), `off` (authentication is off), `none`
   * (refused before).
   */
  readonly via: 'remembered' | 'verified' | 'node' | 'open' | 'off' | 'none'

  /** Who it is; undefined where nobody was authenticated. */
  readonly user: string | undefined

  /** Whom the credentials name, whether or not it is true; undefined where they name nobody. */
  readonly claimed: string | undefined

  /** What the request is about to do, or what of it was refused; undefined where it cannot be read. */
  readonly action: Action | undefined

  /** The database that points are written to; undefined for other requests. */
  readonly database?: string | undefined

  /** How old the answer is that it rests on. */
  readonly age: Milliseconds | undefined
}

/** What a log reads of a request: of Koa's context, or of what there is where a request was refused before it had one. */
export interface Asked {
  readonly req: Pick<IncomingMessage, 'rawHeaders'> & {
    /** Undefined, as is the target, where neither could be read. */
    readonly method?: string | undefined
    readonly url?: string | undefined
    readonly socket: { readonly remoteAddress?: string | undefined }
  }
  readonly state: { readonly requestId?: string | undefined }
}

/** The decision on what is refused as it stands (4xx), before anybody is asked who they are. */
export function refusedUnasked({ code }: AuthError, door?: Door): Decision {
  return {
    door,
    outcome: 'refused',
    code,
    via: 'none',
    user: undefined,
    claimed: undefined,
    action: undefined,
    age: undefined,
  }
}

/** Hears of each decision, before the application does. Must not throw. */
export type DecisionListener = (ctx: Context, decision: Decision) => void
