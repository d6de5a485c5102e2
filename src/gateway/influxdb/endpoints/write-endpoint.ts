import type { Context } from 'koa'
import { WRITE } from '../../../authz/privilege.js'
import { callerWord } from '../../../authz/shown-name.js'
import type { User } from '../../../authz/user.js'
import { AuthError } from '../../../errors.js'
import { privilegeOn } from '../query/database-privilege.js'
import { type Fields, parseFields, queryOf } from '../request/form-fields.js'
import { setReplacement } from '../request/replacement-of.js'
import type { Caller, Handle, Reply } from './endpoint.js'

export interface WriteEndpointOptions {
  readonly reply: Reply
  /** The databases that there are; undefined if nobody knows. */
  readonly databases: (() => Promise<readonly string[]>) | undefined
  /** Reads where points go to; or why that is not said. */
  readonly read: (fields: Fields) => WriteTarget | AuthError
}

export interface WriteTarget {
  readonly database: string
  /** What goes to InfluxDB: path and query. */
  readonly target: string
}

/**
 * Points are streamed untouched to a database on which the caller holds WRITE. As with InfluxDB, a database that does not
 * exist is told before the missing privilege.
 */
export function createWriteEndpoint({ reply, databases, read }: WriteEndpointOptions): Handle {
  return function write(ctx, caller, next) {
    const to = read(parseFields(queryOf(ctx.req.url ?? '')))
    if (to instanceof AuthError) return reply.refuse(ctx, caller, to)
    const { user } = caller
    if (!user || (privilegeOn(user, to.database) & WRITE) === 0) {
      return refuse(ctx, caller, user, to.database)
    }
    setReplacement(ctx, { target: to.target })
    reply.allow(ctx, caller, { databases: [to.database] })
    return next()
  }

  async function refuse(
    ctx: Context,
    caller: Caller,
    user: User | undefined,
    database: string,
  ): Promise<void> {
    // If that cannot be told, the answer is no all the same
    const known = await databases?.().catch(() => undefined)
    const isMissing = known !== undefined && !known.includes(database)
    const error = isMissing ? notFound(database) : notAuthorized(user, database)
    reply.refuse(ctx, caller, error, { databases: [database] })
  }
}

function notFound(database: string): AuthError {
  return new AuthError('ERR_NOT_FOUND', `database not found: ${goQuoted(database)}`)
}

function notAuthorized(user: User | undefined, database: string): AuthError {
  const says = user
    ? `${goQuoted(user.name)} ${callerWord(user)} is not authorized to write to database ${goQuoted(database)}`
    : `user is required to write to database ${goQuoted(database)}`
  return new AuthError('ERR_PRIVILEGE_MISSING', says)
}

/** As Go's `%q` writes a text without control characters. */
export function goQuoted(text: string): string {
  return JSON.stringify(text)
}
