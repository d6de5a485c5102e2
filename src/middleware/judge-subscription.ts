import type { Action } from '../authz/action.js'
import { databaseWrite, isDataWrite } from '../authz/action.js'
import { isAuthorized } from '../authz/authorize.js'
import { privilegeName, READ } from '../authz/privilege.js'
import { callerText } from '../authz/shown-name.js'
import type { User } from '../authz/user.js'
import { AuthError } from '../errors.js'
import { queryParameter } from '../http/query-parameter.js'
import type { RequestLine } from './request-line.js'

/** What came of judging a request with a subscription's token. */
interface Judged {
  readonly refusal: AuthError | undefined
  readonly action: Action
  readonly databases?: readonly string[] | undefined
}

/**
 * Whether a subscription's token may do what the request says: write points for exactly its database and retention policy, each
 * named once, or `GET` or `HEAD` the ping; nothing else. In Kapacitor's words, but Kapacitor takes any policy, and `HEAD` on
 * every path.
 *
 * @returns undefined for what writes no points and is let pass
 */
export function judgeSubscription(
  user: User,
  method: string,
  target: string,
  { action, path }: RequestLine,
): Judged | undefined {
  if (!isDataWrite(method, action)) {
    if (action.resource === PING && PING_METHODS.includes(method)) return undefined
    const privilege = privilegeName(action.privilege || READ)
    const says = `${callerText(user)} does not have "${privilege}" privilege for API endpoint "${path}"`
    return { refusal: new AuthError('ERR_PRIVILEGE_MISSING', says), action }
  }
  const [db, rp] = [queryParameter(target, 'db'), queryParameter(target, 'rp')]
  for (const [name, { values, ambiguous }] of Object.entries({ db, rp })) {
    if (!ambiguous && values.length <= 1) continue
    return {
      refusal: new AuthError('ERR_REQUEST_AMBIGUOUS', `ambiguous parameter ${name}`),
      action,
    }
  }
  const [database = ''] = db.values
  const [policy = ''] = rp.values
  const databases = [database]
  if (database === '') {
    const says = 'database is required'
    return { refusal: new AuthError('ERR_REQUEST_INVALID', says, { isPlain: true }), action }
  }
  const write = databaseWrite(database)
  if (!isAuthorized(user, write)) {
    return {
      refusal: notAuthorized(user, `database ${quoted(database)}`),
      action: write,
      databases,
    }
  }
  if (policy !== user.policy) {
    const where = `retention policy ${quoted(policy)} of database ${quoted(database)}`
    return { refusal: notAuthorized(user, where), action: write, databases }
  }
  return { refusal: undefined, action, databases }
}

const PING = '/api/ping'
const PING_METHODS = ['GET', 'HEAD']

function notAuthorized(user: User, where: string): AuthError {
  const says = `${quoted(user.name)} user is not authorized to write to ${where}`
  return new AuthError('ERR_CREDENTIALS_REJECTED', says, { isPlain: true })
}

/** As Go's `%q` writes a text without control characters. */
const quoted = (text: string) => JSON.stringify(text)
