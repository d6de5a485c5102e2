import type { Context, Next } from 'koa'
import type { User } from '../../../authz/user.js'
import type { AuthError } from '../../../errors.js'
import type { Decision } from '../../../middleware/decision.js'

/** Who calls, as far as it is known. */
export interface Caller {
  /** Undefined only where an endpoint is open, and while there is no administrator. */
  readonly user: User | undefined
  readonly via: Decision['via']
  /** Whether a password was shown, and not a token. */
  readonly isByPassword: boolean
  /** Whom the credentials name, whether or not it is true. */
  readonly claimed: string | undefined
}

/** What a request is about, for the logs; never values. */
export interface Subject {
  readonly databases?: readonly string[]
  readonly statements?: readonly string[]
}

/** What endpoints are given to work with. */
export interface Reply {
  /** The request goes on. To be called before it does. */
  allow(ctx: Context, caller: Caller, subject?: Subject): void
  /** The request ends here with this error. */
  refuse(ctx: Context, caller: Caller, error: AuthError, subject?: Subject): void
}

/** Answers a request whose caller is known. */
export type Handle = (ctx: Context, caller: Caller, next: Next) => Promise<unknown> | unknown

/** Which callers an endpoint takes. */
export type Access = 'signed-in' | 'open'
