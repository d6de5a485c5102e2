import type { Context } from 'koa'
import type { Authenticator } from '../authn/authenticator.js'
import { parseCredentials } from '../authn/credentials.js'
import type { User } from '../authz/user.js'
import { AuthError } from '../errors.js'
import type { Decision, DecisionListener } from './decision.js'
import type { RequestLine } from './request-line.js'

/**
 * Puts a decision together and hands it on.
 *
 * @returns a function of who it is, or why nobody, and of the refusal that came later
 */
export function createReport(listener: DecisionListener, authenticator: Authenticator) {
  return function report(
    ctx: Context,
    via: Decision['via'],
    line: RequestLine | undefined,
    who: User | AuthError | undefined,
    refusal: AuthError | undefined = who instanceof AuthError ? who : undefined,
  ): void {
    const user = who instanceof AuthError ? undefined : who?.name
    listener(ctx, {
      door: 'kapacitor',
      outcome: refusal === undefined ? 'allowed' : refusal.status < 500 ? 'refused' : 'failed',
      code: refusal?.code,
      via: who instanceof AuthError && via === 'remembered' ? 'none' : via,
      user,
      claimed: user ?? claimedName(ctx),
      action: line?.action,
      age: user === undefined ? undefined : authenticator.age?.(user),
    })
  }
}

/** The name that comes with a password. A token's is its own claim, and not read without its signature. */
function claimedName(ctx: Context): string | undefined {
  const credentials = parseCredentials(ctx.req.rawHeaders, ctx.req.url ?? '')
  return !(credentials instanceof AuthError) && credentials.kind === 'password'
    ? credentials.name
    : undefined
}
