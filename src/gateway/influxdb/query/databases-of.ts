import type { Statement } from '../../../influxql/ast/statement.js'
import { databasesOf } from '../../../influxql/databases.js'
import { strictPrivileges } from '../../../influxql/strict-privileges.js'

/** How many are named in a log line. */
const MOST = 10

/**
 * The databases that statements are about, for the logs: each once, the first ten.
 *
 * @param database the `db` parameter, for statements that need it
 */
export function databasesOfAll(
  statements: readonly Statement[],
  database: string,
): readonly string[] {
  const names = new Set<string>()
  for (const statement of statements) {
    for (const name of databasesOf(statement)) names.add(name)
    if (database !== '' && strictPrivileges(statement).some(needsDefault)) names.add(database)
    if (names.size > MOST) break
  }
  return [...names].slice(0, MOST)
}

function needsDefault({ admin, privilege, database }: ReturnType<typeof strictPrivileges>[number]) {
  return !admin && privilege !== 'none' && database === ''
}
