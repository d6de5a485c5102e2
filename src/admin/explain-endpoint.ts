import { databaseWrite, isDataWrite } from '../authz/action.js'
import { type Explained, explain as explainAction, type Reason } from '../authz/explain-decision.js'
import { AuthError } from '../errors.js'
import { queryParameter } from '../http/query-parameter.js'
import { authorize } from '../middleware/authorization.js'
import type { KapacitorAuth } from '../middleware/kapacitor-auth.js'
import { type RequestLine, readRequestLine } from '../middleware/request-line.js'
import { shown } from '../text/printable.js'
import type { Milliseconds } from '../time.js'
import { type Asked, type AskedKind, findAsked, kindOf } from './asked-account.js'

/** May this user do this? */
export interface Question extends Asked {
  readonly method: string
  /** As a request line has it: percent-encoded, with the query if it matters (`/write?db=telegraf`). */
  readonly path: string
  /** A query to InfluxDB, in the place of method and path. */
  readonly query?: string | undefined
  /** The database that the query is sent with. */
  readonly db?: string | undefined
}

/** A reason; of a query, for one of its statements. */
export interface ExplainedReason extends Reason {
  readonly statement?: string
}

/** How a request with correct credentials of that user is answered, and why. Plain data, to be printed. */
export interface Explanation extends Omit<Question, 'token'>, AskedKind {
  readonly allowed: boolean

  /** What the refusal says. */
  readonly refusal?: string

  /** Why nobody is asked for credentials: the endpoint is open, or authentication is off. Then there are no reasons. */
  readonly exemption?: 'open' | 'off'

  /** What was decided: on the API, and on the database of points that are written. */
  readonly reasons: readonly ExplainedReason[]

  /** How old the account is that it rests on; missing if nothing is remembered. */
  readonly age?: Milliseconds
}

/** What decides about requests, as far as it matters here. */
export type Decider = Pick<KapacitorAuth, 'inspector' | 'exemption'>

/**
 * Judges a request as it would be judged if it came, without credentials.
 *
 * @returns the error for a method or path that is never judged (`ERR_REQUEST_INVALID`), and for somebody who does
 *   not exist (`ERR_NOT_FOUND`); rejects if the directory cannot be asked
 */
export async function explain(auth: Decider, question: Question): Promise<Explanation | AuthError> {
  const { user: name, method, path } = question
  const line = readRequestLine(method, path)
  if (line instanceof AuthError) return mistakeIn(line)
  const exemption = auth.exemption(method, line)
  if (exemption) return { user: name, method, path, allowed: true, exemption, reasons: [] }
  if (!auth.inspector) return new AuthError('ERR_NOT_FOUND', `user ${shown(name)} not found`)
  const answer = await findAsked(question, auth.inspector)
  if (answer instanceof AuthError) return answer
  const { account, age } = answer
  const refusal = authorize(account.user, method, path, line)
  return {
    user: account.user.name,
    method,
    path,
    ...kindOf(account.user),
    allowed: refusal === undefined,
    ...(refusal && { refusal: refusal.message }),
    reasons: reasonsOf(account, question, line),
    ...(age !== undefined && { age }),
  }
}

/** For points, the database part too, unless the request names several. */
function reasonsOf(
  account: Explained,
  { method, path }: Question,
  { action }: RequestLine,
): Reason[] {
  const reasons = [explainAction(account, action)]
  if (!isDataWrite(method, action)) return reasons
  const { values, ambiguous } = queryParameter(path, 'db')
  if (ambiguous || values.length > 1) return reasons
  return [...reasons, explainAction(account, databaseWrite(values[0] ?? ''))]
}

/** Names the parameter that is wrong: the status is not the one that the request would get. */
function mistakeIn({ code, message }: AuthError): AuthError {
  const which = code === 'ERR_METHOD_UNKNOWN' ? 'method' : 'path'
  return new AuthError('ERR_REQUEST_INVALID', `"${which}": ${message}`)
}
