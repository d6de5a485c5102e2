import type { Account } from '../../../authn/directory/directory.js'
import type { Reason, Source } from '../../../authz/explain-decision.js'
import { CLUSTER, INTERNAL_DATABASE, type Permission } from '../../../authz/permission.js'
import { privilegeName, READ, WRITE } from '../../../authz/privilege.js'
import { databaseResource } from '../../../authz/resource.js'
import type { Statement } from '../../../influxql/ast/statement.js'
import { printRedacted } from '../../../influxql/print.js'
import type { RequiredPrivilege } from '../../../influxql/privileges.js'
import { strictPrivileges } from '../../../influxql/strict-privileges.js'
import { authorizeQuery, holds } from './authorize-query.js'
import { isAdministrator, privilegeOn } from './database-privilege.js'

/** Why one privilege that a statement requires is held, or not. */
export interface StatementReason extends Reason {
  /** The statement in its canonical form, without a password. */
  readonly statement: string
}

export interface QueryExplanation {
  readonly allowed: boolean
  readonly refusal?: string
  readonly reasons: readonly StatementReason[]
}

/**
 * Whether a user may run these statements, and why: a reason for each privilege of each statement.
 *
 * @param database the `db` parameter
 */
export function explainQuery(
  account: Account,
  statements: readonly Statement[],
  database: string,
): QueryExplanation {
  const options = { database, isByPassword: true }
  const required = statements.map(strictPrivileges)
  const refusal = authorizeQuery(account.user, { statements, required }, options)
  const reasons = statements.flatMap((statement, i) =>
    (required[i] ?? []).map((required) => ({
      statement: printRedacted(statement),
      ...reasonOf(account, required, required.database || database),
    })),
  )
  return { allowed: refusal === undefined, ...(refusal && { refusal: refusal.message }), reasons }
}

const BITS = { none: 0, read: READ, write: WRITE, all: READ | WRITE } as const
const GIVES: ReadonlyMap<Permission, number> = new Map<Permission, number>([
  ['ReadData', READ],
  ['WriteData', WRITE],
])

function reasonOf(account: Account, required: RequiredPrivilege, database: string): Reason {
  const { user } = account
  if (required.admin || required.privilege === 'none') {
    return {
      allowed: holds(user, required, database),
      privilege: required.admin ? 'administrator' : 'none',
      resource: '/',
      decidedBy: undefined,
      held: undefined,
      sources: [],
    }
  }
  const held = privilegeOn(user, database)
  const sources = sourcesOf(account, database)
  return {
    allowed: holds(user, required, database),
    privilege: privilegeName(BITS[required.privilege]),
    resource: databaseResource(database),
    decidedBy: held === 0 ? undefined : databaseResource(database),
    held: isAdministrator(user) ? 'everything' : held === 0 ? undefined : privilegeName(held),
    sources,
  }
}

/** The permissions that count on a database: granted on it, or cluster-wide. */
function sourcesOf({ permissions, grants }: Account, database: string): Source[] {
  const sources: Source[] = []
  const scopes = database === INTERNAL_DATABASE ? [database] : [database, CLUSTER]
  for (const { role, permissions: granted } of grants ?? [{ role: undefined, permissions }]) {
    for (const scope of new Set(scopes)) {
      for (const permission of granted.get(scope) ?? []) {
        const gives = GIVES.get(permission)
        if (gives === undefined) continue
        sources.push({ permission, database: scope, role, gives: privilegeName(gives) })
      }
    }
  }
  return sources
}
