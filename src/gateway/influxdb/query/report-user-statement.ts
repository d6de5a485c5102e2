import type { Permissions } from '../../../authz/permission.js'
import { failureOf } from '../../../errors.js'
import type { AuditedChange, ChangeSource } from '../../../middleware/audit-changes.js'
import type { UserAdministration } from '../users/user-administration.js'
import type { StatementOutcome } from './statement-result.js'
import type { UserStatement } from './user-statements.js'

/** Hears of each change of users, made or not. Must not throw. */
export type ChangeListener = (source: ChangeSource, change: AuditedChange) => void

/** What the audit log calls them: the meta API's actions. */
const CHANGES: Readonly<Partial<Record<UserStatement['kind'], string>>> = {
  'CREATE USER': 'create',
  'DROP USER': 'delete',
  'SET PASSWORD': 'change-password',
  GRANT: 'add-permissions',
  'GRANT ADMIN': 'add-permissions',
  REVOKE: 'remove-permissions',
  'REVOKE ADMIN': 'remove-permissions',
}

/**
 * Executes a statement about users by `execute`, and reports what became of it, with the user's permissions before and
 * after; what `execute` throws is thrown on. A statement that only shows is not reported.
 */
export async function reportUserStatement(
  statement: UserStatement,
  users: Pick<UserAdministration, 'user'>,
  execute: (statement: UserStatement) => Promise<StatementOutcome>,
  report: (change: AuditedChange) => void,
): Promise<StatementOutcome> {
  const change = CHANGES[statement.kind]
  if (change === undefined || statement.kind === 'SHOW USERS') return execute(statement)
  const name = 'name' in statement ? statement.name : statement.user
  const head = { change, subject: 'user', name } as const
  try {
    const before = (await users.user(name))?.own
    const outcome = await execute(statement)
    if (outcome.error !== undefined) {
      report({ ...head, outcome: 'refused', code: 'ERR_REQUEST_INVALID' })
      return outcome
    }
    const after = (await users.user(name))?.own
    report({ ...head, ...difference(change, before, after) })
    return outcome
  } catch (error) {
    report({ ...head, ...failureOf(error) })
    throw error
  }
}

function difference(
  change: string,
  before: Permissions | undefined,
  after: Permissions | undefined,
): Pick<AuditedChange, 'outcome' | 'before' | 'after'> {
  if (change === 'change-password') return { outcome: 'made' }
  const [was, is] = [stateOf(before), stateOf(after)]
  return JSON.stringify(was) === JSON.stringify(is)
    ? { outcome: 'unchanged' }
    : { outcome: 'made', before: was, after: is }
}

function stateOf(permissions: Permissions | undefined): { permissions: object } | undefined {
  if (permissions === undefined) return undefined
  const granted = [...permissions].filter(([, names]) => names.size > 0).sort()
  return { permissions: Object.fromEntries(granted.map(([scope, names]) => [scope, [...names]])) }
}
