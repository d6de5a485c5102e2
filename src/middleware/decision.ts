import type { IncomingMessage } from 'node:http'
import type { Context } from 'koa'
import type { Action } from '../authz/action.js'
import type { AuthError, AuthErrorCode, TokenRefusalReason } from '../errors.js'
import type { Milliseconds } from '../time.js'

/** Whose API a request was made to. */
export type Door = 'kapacitor' | 'influxdb' | 'meta'

/** What was decided about one request, for the audit log and for metrics. Holds no secrets. */
export interface Decision {
  /** The API that was asked. */
  readonly door: Door

  /** `allowed`: it goes on. `refused`: 4xx. `failed`: 5xx, since it could not be decided. */
  readonly outcome: 'allowed' | 'refused' | 'failed'

  /** Why not: the refusal's code; undefined for what is allowed. */
  readonly code: AuthErrorCode | undefined

  /**
   * How the caller became known: `remembered` (a cache hit), `verified` (a directory or a hash was asked), `node` (another
   * node's token), or not at all: `open` (an endpoint without authentication), `off` (authentication is off), `none`
   * (refused before).
   */
  readonly via: 'remembered' | 'verified' | 'node' | 'open' | 'off' | 'none'

  /** The user; undefined where none was authenticated. */
  readonly user: string | undefined

  /** The user name in the credentials, verified or not; undefined where there is none. */
  readonly claimed: string | undefined

  /** Of a provider's token, also of one whose subject is not listed. */
  readonly issuer?: string | undefined
  readonly subject?: string | undefined

  /** The id of an own or subscription token, also of one that may not be used; and whose own token it is. */
  readonly token?: string | undefined
  readonly owner?: string | undefined

  /** Why such a token is refused; undefined for all others, and if it is not known. */
  readonly reason?: TokenRefusalReason | undefined

  /**
   * What the request is about to do; what it may not do, where it is refused for that. Undefined where it cannot be read,
   * or where it is several things: see `statements`.
   */
  readonly action: Action | undefined

  /** The databases that it names, allowed or not. @default none */
  readonly databases?: readonly string[] | undefined

  /** The kinds of the InfluxQL statements in it, such as `SELECT`; never their values. @default none */
  readonly statements?: readonly string[] | undefined

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

/** The decision on what is refused as it stands (4xx), before credentials are looked at. */
export function refusedUnasked({ code }: AuthError, door: Door = 'kapacitor'): Decision {
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

/** Called with each decision, before the application is. Must not throw. */
export type DecisionListener = (ctx: Context, decision: Decision) => void
