import { MAX_PASSWORD_BYTES } from '../../../authn/passwords/password.js'
import {
  ADMIN_PERMISSIONS,
  CLUSTER,
  isAdmin,
  type Permission,
  type Permissions,
} from '../../../authz/permission.js'
import type { GrantedPrivilege, Statement } from '../../../influxql/ast/statement.js'
import { isOwnToken, TOKEN_AS_PASSWORD } from '../../../text/own-token-form.js'
import type { StoredUser, UserAdministration } from '../users/user-administration.js'
import { grantRows, influxdbPrivilegeName } from './database-privilege.js'
import { DONE, failed, type StatementOutcome, table } from './statement-result.js'

export interface UserStatementsOptions {
  readonly users: UserAdministration
  /** The databases that there are; undefined if nobody knows: then any name may be granted on. */
  readonly databases: (() => Promise<readonly string[]>) | undefined
  /** How many characters a new password must have. */
  readonly passwordMinLength: number
  /** Told whose rights or password have changed, before the statement is answered; undefined: anybody's. */
  readonly onChange: (name: string | undefined) => void
}

/** Statements that are executed here, in the place of InfluxDB. */
export type UserStatement =
  | Extract<
      Statement,
      {
        kind:
          | 'CREATE USER'
          | 'DROP USER'
          | 'SET PASSWORD'
          | 'GRANT'
          | 'GRANT ADMIN'
          | 'REVOKE'
          | 'REVOKE ADMIN'
          | 'SHOW GRANTS'
      }
    >
  | { kind: 'SHOW USERS' }

const USER_STATEMENTS: ReadonlySet<Statement['kind']> = new Set<UserStatement['kind']>([
  'CREATE USER',
  'DROP USER',
  'SET PASSWORD',
  'GRANT',
  'GRANT ADMIN',
  'REVOKE',
  'REVOKE ADMIN',
  'SHOW USERS',
  'SHOW GRANTS',
])

export function isUserStatement(statement: Statement): statement is UserStatement {
  return USER_STATEMENTS.has(statement.kind)
}

/**
 * A function that executes a statement about users, with InfluxDB's results.
 *
 * It rejects as `UserAdministration` and `databases` do.
 */
export function createUserStatements(options: UserStatementsOptions) {
  const { users, databases, onChange } = options

  return async function execute(statement: UserStatement): Promise<StatementOutcome> {
    switch (statement.kind) {
      case 'CREATE USER':
        return createUser(statement)
      case 'DROP USER':
        if (!(await users.user(statement.name))) return NOT_FOUND
        await users.deleteUser(statement.name)
        onChange(statement.name)
        return DONE
      case 'SET PASSWORD': {
        if (!(await users.user(statement.name))) return NOT_FOUND
        const fault = passwordFault(statement.password, options.passwordMinLength)
        if (fault !== undefined) return failed(fault)
        await users.setPassword(statement.name, statement.password)
        onChange(statement.name)
        return DONE
      }
      case 'GRANT':
      case 'REVOKE':
        return changeGrant(statement)
      case 'GRANT ADMIN':
        return changeAdmin(statement.user, true)
      case 'REVOKE ADMIN':
        return changeAdmin(statement.user, false)
      case 'SHOW USERS': {
        const rows = (await users.users()).map(({ name, held }) => [name, isAdmin(held)])
        return table(['user', 'admin'], rows)
      }
      case 'SHOW GRANTS':
        return showGrants(statement.user)
    }
  }

  async function createUser({
    name,
    password,
    admin,
  }: Extract<UserStatement, { kind: 'CREATE USER' }>): Promise<StatementOutcome> {
    if (name === '') return failed('username required')
    const user = await users.user(name)
    if (user) {
      const isSame = isAdmin(user.held) === admin && (await users.isPassword(name, password))
      return isSame ? DONE : failed('user already exists')
    }
    const problem = passwordFault(password, options.passwordMinLength)
    if (problem !== undefined) return failed(problem)
    await users.createUser(name, password, admin ? ADMIN_PERMISSIONS : NO_PERMISSIONS)
    onChange(name)
    return DONE
  }

  async function changeGrant(
    statement: Extract<UserStatement, { kind: 'GRANT' | 'REVOKE' }>,
  ): Promise<StatementOutcome> {
    const { kind, user: name, database, privilege } = statement
    const user = await users.user(name)
    if (!user) return NOT_FOUND
    if (database === '' || (await databases?.())?.includes(database) === false) {
      return failed(`database not found: ${database}`)
    }
    const change = kind === 'GRANT' ? granting(privilege) : revoking(user, database, privilege)
    await users.changePermissions(name, {
      add: on(database, change.add),
      remove: on(database, change.remove),
    })
    onChange(name)
    return DONE
  }

  async function changeAdmin(name: string, admin: boolean): Promise<StatementOutcome> {
    const user = await users.user(name)
    if (!user) return NOT_FOUND
    if (admin) await users.changePermissions(name, { add: ADMIN_PERMISSIONS })
    // Who is not an administrator keeps what they hold cluster-wide
    else if (isAdmin(user.own)) await users.changePermissions(name, { remove: ADMIN_PERMISSIONS })
    else if (isAdmin(user.held)) return failed('user is an administrator through a role')
    onChange(name)
    return DONE
  }

  async function showGrants(name: string): Promise<StatementOutcome> {
    const user = await users.user(name)
    if (!user) return NOT_FOUND
    const isEverywhere = !isAdmin(user.held) && user.held.has(CLUSTER)
    const rows = grantRows(user.held, isEverywhere ? ((await databases?.()) ?? []) : [])
    return table(
      ['database', 'privilege'],
      rows.map(({ database, privilege }) => [database, influxdbPrivilegeName(privilege)]),
    )
  }
}

const NOT_FOUND = failed('user not found')
const NO_PERMISSIONS: Permissions = new Map()

/** What is wrong with a new password; it is in none of the texts. */
export function passwordFault(password: string, minLength: number): string | undefined {
  if (password === '') return 'password must not be empty'
  if (password.includes('\0')) return 'password must not contain a NUL character'
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
    return `password must not be longer than ${MAX_PASSWORD_BYTES} bytes`
  }
  if ([...password].length < minLength) {
    return `password must have at least ${minLength} characters`
  }
  return isOwnToken(password) ? `password ${TOKEN_AS_PASSWORD}` : undefined
}

interface DatabaseChange {
  readonly add: readonly Permission[]
  readonly remove: readonly Permission[]
}

const PERMISSIONS: Readonly<Record<GrantedPrivilege, readonly Permission[]>> = {
  READ: ['ReadData'],
  WRITE: ['WriteData'],
  'ALL PRIVILEGES': ['ReadData', 'WriteData'],
}

/** What is granted takes the place of what was granted on that database before. */
function granting(privilege: GrantedPrivilege): DatabaseChange {
  const add = PERMISSIONS[privilege]
  const others = PERMISSIONS['ALL PRIVILEGES'].filter((name) => !add.includes(name))
  return { add, remove: [...others, 'NoPermissions'] }
}

/** `NoPermissions` keeps the row of a database on which nothing is left, as InfluxDB does. */
function revoking(
  { own }: StoredUser,
  database: string,
  privilege: GrantedPrivilege,
): DatabaseChange {
  const remove = PERMISSIONS[privilege]
  const granted = own.get(database)
  const isLeft = PERMISSIONS['ALL PRIVILEGES'].some(
    (name) => granted?.has(name) && !remove.includes(name),
  )
  return { add: isLeft ? [] : ['NoPermissions'], remove }
}

function on(database: string, names: readonly Permission[]): Permissions {
  return names.length === 0 ? NO_PERMISSIONS : new Map([[database, new Set(names)]])
}
