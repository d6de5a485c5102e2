import type { Context } from 'koa'
import type { Authenticator } from '../authn/authenticator.js'
import { parseCredentials } from '../authn/credentials.js'
import { databaseWrite, isDataWrite } from '../authz/action.js'
import { isAuthorized } from '../authz/authorize.js'
import type { User } from '../authz/user.js'
import { AuthError } from '../errors.js'
import { queryParameter } from '../http/query-parameter.js'
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
    const known = who instanceof AuthError ? undefined : who
    const user = known?.name
    const { action, databases } = line ? judged(ctx, line, known, refusal) : NOTHING
    listener(ctx, {
      door: 'kapacitor',
      outcome: outcomeOf(refusal),
      code: refusal?.code,
      via: who instanceof AuthError && via === 'remembered' ? 'none' : via,
      user,
      claimed: user ?? claimedName(ctx),
      action,
      databases,
      age: user === undefined ? undefined : authenticator.age?.(user),
    })
  }
}

/** What a refusal, or that there is none, amounts to. */
export function outcomeOf(refusal: AuthError | undefined): Decision['outcome'] {
  if (refusal === undefined) return 'allowed'
  return refusal.status < 500 ? 'refused' : 'failed'
}

const NOTHING = { action: undefined, databases: undefined }

/** The action that was judged, and for points the database: of two that are needed, the one that was refused. */
function judged(
  ctx: Context,
  { action }: RequestLine,
  user: User | undefined,
  refusal: AuthError | undefined,
): Pick<Decision, 'action' | 'databases'> {
  const { method = '', url = '' } = ctx.req
  if (!isDataWrite(method, action)) return { action, databases: undefined }
  const { values, ambiguous } = queryParameter(url, 'db')
  if (ambiguous || values.length > 1) return { action, databases: undefined }
  const [database = ''] = values
  const isByDatabase =
    user && refusal?.code === 'ERR_PRIVILEGE_MISSING' && isAuthorized(user, action)
  return { action: isByDatabase ? databaseWrite(database) : action, databases: [database] }
}

/** The name that comes with a password. A token's is its own claim, and not read without its signature. */
export function claimedName(ctx: Context): string | undefined {
  const credentials = parseCredentials(ctx.req.rawHeaders, ctx.req.url ?? '')
  return !(credentials instanceof AuthError) && credentials.kind === 'password'
    ? credentials.name
    : undefined
}
