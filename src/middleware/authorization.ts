import type { Context, Next } from 'koa'
import { databaseWrite, isDataWrite } from '../authz/action.js'
import { isAuthorized } from '../authz/authorize.js'
import { privilegeName } from '../authz/privilege.js'
import type { User } from '../authz/user.js'
import { AuthError } from '../errors.js'
import { queryParameter } from '../http/query-parameter.js'
import { type RequestLine, readRequestLine } from './request-line.js'

/**
 * Why `user` may not do what the request asks; undefined if he may.
 *
 * @param deny makes the refusal, if the endpoint is not his
 */
export function authorize(
  user: User,
  method: string,
  target: string,
  line: RequestLine,
  deny: typeof denial = denial,
): AuthError | undefined {
  const { action } = line
  if (!isAuthorized(user, action)) return deny(user, line)
  return isDataWrite(method, action) ? authorizeDataWrite(user, target) : undefined
}

/** The refusal of what a user's privileges do not cover. */
export function denial(user: User, { path, action }: RequestLine): AuthError {
  return forbidden(user, privilegeName(action.privilege), `API endpoint "${path}"`)
}

/** Points go into one database, and need `write` there too. */
function authorizeDataWrite(user: User, target: string): AuthError | undefined {
  const { values, ambiguous } = queryParameter(target, 'db')
  if (ambiguous || values.length > 1) {
    return new AuthError('ERR_REQUEST_AMBIGUOUS', 'ambiguous parameter db')
  }
  const [database = ''] = values
  if (isAuthorized(user, databaseWrite(database))) return undefined
  return forbidden(user, 'write', `database "${database}"`)
}

function forbidden(user: User, privilege: string, where: string): AuthError {
  return new AuthError(
    'ERR_PRIVILEGE_MISSING',
    `user ${user.name} does not have "${privilege}" privilege for ${where}`,
  )
}

/**
 * Middleware that lets `ctx.state.user` pass, or throws `ERR_PRIVILEGE_MISSING` (403), `ERR_REQUEST_AMBIGUOUS` (400),
 * `ERR_METHOD_UNKNOWN` (405).
 *
 * @throws TypeError on a request that no authentication came before
 */
export function authorization() {
  return async function authorization(ctx: Context, next: Next): Promise<void> {
    const user: User | undefined = ctx.state.user
    if (!user) throw new TypeError('authorization() must come after authentication()')
    const line = readRequestLine(ctx.method, ctx.url)
    const refusal = line instanceof AuthError ? line : authorize(user, ctx.method, ctx.url, line)
    if (refusal) throw refusal
    await next()
  }
}
