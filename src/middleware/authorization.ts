import type { Context, Next } from 'koa'
import { type Action, databaseWrite, isDataWrite } from '../authz/action.js'
import { isAuthorized } from '../authz/authorize.js'
import { privilegeName } from '../authz/privilege.js'
import { callerText } from '../authz/shown-name.js'
import type { User } from '../authz/user.js'
import { AuthError } from '../errors.js'
import { queryParameter } from '../http/query-parameter.js'
import { judgeSubscription } from './judge-subscription.js'
import { type RequestLine, readRequestLine } from './request-line.js'
import { earlierTargets } from './rewritten.js'

/** What came of judging a request. */
export interface Judgement {
  /** Why not; undefined if it is allowed. */
  readonly refusal: AuthError | undefined
  /** What it does; what it may not do, where it is refused for that. */
  readonly action: Action
  /** The databases that it names. */
  readonly databases?: readonly string[] | undefined
}

/** Why `user` may not do what the request asks; undefined if they may. */
export function authorize(
  user: User,
  method: string,
  target: string,
  line: RequestLine,
): AuthError | undefined {
  return judge(user, method, target, line).refusal
}

/** Whether `user` may do what the request asks. */
export function judge(user: User, method: string, target: string, line: RequestLine): Judgement {
  const { action, path } = line
  if (user.kind === 'subscription') {
    const judged = judgeSubscription(user, method, target, line)
    if (judged) return judged
  }
  const isWrite = isDataWrite(method, action)
  const { values, ambiguous } = isWrite ? queryParameter(target, 'db') : NOTHING
  const databases = values.length > 0 ? values : undefined
  if (!isAuthorized(user, action)) {
    const refusal = forbidden(user, privilegeName(action.privilege), `API endpoint "${path}"`)
    return { refusal, action, databases }
  }
  if (!isWrite) return { refusal: undefined, action }
  if (ambiguous || values.length > 1) {
    const refusal = new AuthError('ERR_REQUEST_AMBIGUOUS', 'ambiguous parameter db')
    return { refusal, action, databases }
  }
  // Points go into one database, and need `write` there too
  const [database = ''] = values
  const write = databaseWrite(database)
  if (isAuthorized(user, write)) return { refusal: undefined, action, databases }
  return { refusal: forbidden(user, 'write', `database "${database}"`), action: write, databases }
}

const NOTHING = { values: [], ambiguous: false } as const

function forbidden(user: User, privilege: string, where: string): AuthError {
  return new AuthError(
    'ERR_PRIVILEGE_MISSING',
    `${callerText(user)} does not have "${privilege}" privilege for ${where}`,
  )
}

/**
 * Middleware that lets `ctx.state.user` pass, if they may do what the URL says, and what it said before it was rewritten;
 * otherwise throws `ERR_PRIVILEGE_MISSING` (403), `ERR_REQUEST_AMBIGUOUS` (400), `ERR_METHOD_UNKNOWN` (405).
 *
 * @throws TypeError on a request that no authentication came before
 */
export function authorization() {
  return async function authorization(ctx: Context, next: Next): Promise<void> {
    const user: User | undefined = ctx.state.user
    if (!user) throw new TypeError('authorization() must come after authentication()')
    const line = readRequestLine(ctx.method, ctx.url)
    if (line instanceof AuthError) throw line
    const earlier = earlierTargets(ctx)
    if (earlier instanceof AuthError) throw earlier
    for (const one of [{ target: ctx.url, line }, ...earlier]) {
      const refusal = authorize(user, ctx.method, one.target, one.line)
      if (refusal) throw refusal
    }
    await next()
  }
}
