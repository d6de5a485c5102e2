import type { Context } from 'koa'
import type { Authenticator } from '../authn/authenticator.js'
import { parseCredentials } from '../authn/credentials.js'
import type { Action } from '../authz/action.js'
import type { User } from '../authz/user.js'
import { AuthError } from '../errors.js'
import type { Judgement } from './authorization.js'
import type { Decision, DecisionListener } from './decision.js'
import { describedCaller } from './described-caller.js'

/**
 * Puts a decision together and hands it on.
 *
 * @returns a function of the action, of the user or why there is none, and of what was judged later
 */
export function createReport(listener: DecisionListener, authenticator: Authenticator) {
  return function report(
    ctx: Context,
    via: Decision['via'],
    action: Action | undefined,
    who: User | AuthError | undefined,
    { refusal, databases }: Pick<Judgement, 'refusal' | 'databases'> = refusedAs(who),
  ): void {
    const known = who instanceof AuthError ? undefined : who
    const user = known?.name
    listener(ctx, {
      door: 'kapacitor',
      outcome: outcomeOf(refusal),
      code: refusal?.code,
      via: who instanceof AuthError && via === 'remembered' ? 'none' : via,
      user,
      claimed: user ?? claimedName(ctx),
      ...describedCaller(who),
      action,
      ...(databases && { databases }),
      age: known === undefined ? undefined : authenticator.age?.(known.account ?? known.name),
    })
  }
}

/** A request without a user is refused for the reason why there is none. */
const refusedAs = (who: User | AuthError | undefined) => ({
  refusal: who instanceof AuthError ? who : undefined,
})

/** What a refusal, or that there is none, amounts to. */
export function outcomeOf(refusal: AuthError | undefined): Decision['outcome'] {
  if (refusal === undefined) return 'allowed'
  return refusal.status < 500 ? 'refused' : 'failed'
}

/** The name that comes with a password. A token's is its own claim, and not read without its signature. */
export function claimedName(ctx: Context): string | undefined {
  const credentials = parseCredentials(ctx.req.rawHeaders, ctx.req.url ?? '')
  if (credentials instanceof AuthError) return undefined
  if (credentials.kind === 'token') return credentials.claimed
  return credentials.kind === 'password' ? credentials.name : undefined
}
