import type { Statement } from '../../../influxql/ast/statement.js'
import { strictPrivileges } from '../../../influxql/strict-privileges.js'

/** How many are named in a log line. */
const MOST = 10

/**
 * The databases that statements are about, for the logs: each once, the first ten.
 *
 * @param database the `db` parameter, for statements that name none
 */
export function databasesOf(statements: readonly Statement[], database: string): readonly string[] {
  const names = new Set<string>()
  for (const statement of statements) {
    for (const name of namesIn(statement)) names.add(name || database)
    if (names.size > MOST) break
  }
  names.delete('')
  return [...names].slice(0, MOST)
}

function namesIn(statement: Statement): readonly string[] {
  switch (statement.kind) {
    case 'CREATE DATABASE':
    case 'DROP DATABASE':
      return [statement.name]
    case 'GRANT':
    case 'REVOKE':
    case 'CREATE RETENTION POLICY':
    case 'ALTER RETENTION POLICY':
    case 'CREATE SUBSCRIPTION':
    case 'DROP SUBSCRIPTION':
      return [statement.database]
  }
  return strictPrivileges(statement)
    .filter(({ admin, privilege }) => !admin && privilege !== 'none')
    .map((required) => required.database)
}
