import { READ, WRITE } from '../../../authz/privilege.js'
import type { User } from '../../../authz/user.js'
import { AuthError } from '../../../errors.js'
import type { Statement } from '../../../influxql/ast/statement.js'
import { printRedacted } from '../../../influxql/print.js'
import type { RequiredPrivilege } from '../../../influxql/privileges.js'
import { isAdministrator, privilegeOn } from './database-privilege.js'
import type { PreparedQuery } from './prepare-query.js'

export interface AuthorizeOptions {
  /** The `db` parameter: for statements that name no database. */
  readonly database: string
  /** Whether the user has proved to know the password. */
  readonly isByPassword: boolean
}

/** The shortest password that users may set themselves, in characters: nobody who means it sets a shorter one. */
const SHORTEST_OWN_PASSWORD = 2

/** Bits of each privilege. `all` is only required of administrators. */
const BITS = { none: 0, read: READ, write: WRITE, all: READ | WRITE } as const
const NAMES = {
  none: 'NO PRIVILEGES',
  read: 'READ',
  write: 'WRITE',
  all: 'ALL PRIVILEGES',
} as const

/**
 * Why `user` may not run all of these statements; undefined if they may. The first privilege that is missing names the
 * reason, in InfluxDB's words. Whether a database exists is not looked at.
 */
export function authorizeQuery(
  user: User,
  { statements, required }: Pick<PreparedQuery, 'statements' | 'required'>,
  options: AuthorizeOptions,
): AuthError | undefined {
  if (isAdministrator(user)) return undefined
  for (const [i, statement] of statements.entries()) {
    if (isOwnPassword(user, statement, options)) continue
    const mayShow = user.group === 'Auditor' && statement.kind.startsWith('SHOW ')
    const missing = required[i]?.find(
      // Users who may read everything may also see what only administrators see, but not in a database that they may not read
      (one) => !(mayShow && one.admin) && !holds(user, one, options.database),
    )
    if (missing !== undefined) return refusal(user, statement, missing, options.database)
  }
  return undefined
}

/** Whether the user holds a privilege that a statement requires. */
export function holds(user: User, required: RequiredPrivilege, database: string): boolean {
  const { admin, privilege, database: named } = required
  if (admin) return isAdministrator(user)
  const bits = BITS[privilege]
  return (privilegeOn(user, named || database) & bits) === bits
}

/**
 * Users may change their own password, if they have just proved that they know the old one: a bearer token, which may be
 * stolen, is not enough. A single character remains for administrators to set.
 */
function isOwnPassword(user: User, statement: Statement, { isByPassword }: AuthorizeOptions) {
  return (
    statement.kind === 'SET PASSWORD' &&
    isByPassword &&
    user.kind === undefined &&
    statement.name === user.name &&
    [...statement.password].length >= SHORTEST_OWN_PASSWORD
  )
}

function refusal(
  { name }: User,
  statement: Statement,
  { admin, privilege, database: named }: RequiredPrivilege,
  database: string,
): AuthError {
  const needed = admin ? 'admin privilege' : `${NAMES[privilege]} on ${named || database}`
  return new AuthError(
    'ERR_PRIVILEGE_MISSING',
    `error authorizing query: ${name} not authorized to execute statement '${printRedacted(statement)}', requires ${needed}`,
  )
}
