import type { Source } from './ast/select.js'
import type { Statement } from './ast/statement.js'
import {
  type RequiredPrivilege,
  readOn,
  requiredPrivileges,
  selectPrivileges,
} from './privileges.js'

/**
 * What a statement requires by what it does. InfluxDB's own table, but for the holes in it:
 *
 * - CREATE CONTINUOUS QUERY needs READ on each source and WRITE on the target, whether or not their databases are written
 *   out; an unwritten one is the query's own database.
 * - SHOW … FROM needs READ on each database that is named there.
 * - SHOW … CARDINALITY needs READ on the database behind ON, or on the request's, with and without FROM.
 */
export function strictPrivileges(statement: Statement): readonly RequiredPrivilege[] {
  switch (statement.kind) {
    case 'CREATE CONTINUOUS QUERY': {
      const needed = selectPrivileges(statement.select).map((one) =>
        one.database === '' ? { ...one, database: statement.database } : one,
      )
      return distinct([...requiredPrivileges(statement), ...needed])
    }
    case 'SHOW MEASUREMENTS':
      return distinct([
        readOn(statement.database),
        ...namedIn(statement.source ? [statement.source] : []),
      ])
    case 'SHOW SERIES':
    case 'SHOW FIELD KEYS':
    case 'SHOW TAG KEYS':
    case 'SHOW TAG VALUES':
    case 'SHOW SERIES CARDINALITY':
    case 'SHOW MEASUREMENT CARDINALITY':
    case 'SHOW TAG KEY CARDINALITY':
    case 'SHOW TAG VALUES CARDINALITY':
    case 'SHOW FIELD KEY CARDINALITY':
      return distinct([readOn(statement.database), ...namedIn(statement.sources)])
  }
  return requiredPrivileges(statement)
}

/** READ on the databases that are written out. */
function namedIn(sources: readonly Source[]): RequiredPrivilege[] {
  return sources.flatMap((source) =>
    source.kind === 'measurement' && source.database !== '' ? [readOn(source.database)] : [],
  )
}

/** Each only once, where it comes first. */
function distinct(privileges: readonly RequiredPrivilege[]): RequiredPrivilege[] {
  const seen = new Set<string>()
  return privileges.filter(({ database, privilege }) => {
    const key = `${privilege} ${database}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
