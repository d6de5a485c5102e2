import type { SelectStatement, Source } from './ast/select.js'
import type { Statement } from './ast/statement.js'

/** What a statement needs on one database; or an administrator, whatever else is said. */
export interface RequiredPrivilege {
  admin: boolean
  /** Empty means the database of the request. */
  database: string
  privilege: 'none' | 'read' | 'write' | 'all'
}

const ADMIN: readonly RequiredPrivilege[] = [{ admin: true, database: '', privilege: 'all' }]
const NONE: readonly RequiredPrivilege[] = [{ admin: false, database: '', privilege: 'none' }]

export function readOn(database: string): RequiredPrivilege {
  return { admin: false, database, privilege: 'read' }
}

export function writeOn(database: string): RequiredPrivilege {
  return { admin: false, database, privilege: 'write' }
}

/**
 * What InfluxDB 1.x requires for a statement: each privilege in the order in which it is checked. An empty list requires
 * nothing.
 *
 * It has holes; `strictPrivileges` has not.
 */
export function requiredPrivileges(statement: Statement): readonly RequiredPrivilege[] {
  switch (statement.kind) {
    case 'SELECT':
      return selectPrivileges(statement)
    case 'EXPLAIN':
      return selectPrivileges(statement.select)
    case 'CREATE CONTINUOUS QUERY': {
      const target = statement.select.target?.database ?? ''
      const read = readOn(statement.database)
      return target === '' ? [read] : [read, writeOn(target)]
    }
    case 'DROP CONTINUOUS QUERY':
    case 'DROP RETENTION POLICY':
      return [writeOn(statement.database)]
    case 'DELETE':
    case 'DROP SERIES':
      return [writeOn('')]
    case 'SHOW DATABASES':
      return NONE
    case 'SHOW CONTINUOUS QUERIES':
    case 'SHOW QUERIES':
      return [readOn('')]
    case 'SHOW MEASUREMENTS':
    case 'SHOW RETENTION POLICIES':
    case 'SHOW SERIES':
    case 'SHOW FIELD KEYS':
    case 'SHOW TAG KEYS':
    case 'SHOW TAG VALUES':
      return [readOn(statement.database)]
    case 'SHOW SERIES CARDINALITY':
    case 'SHOW MEASUREMENT CARDINALITY':
      return statement.exact ? sourcePrivileges(statement.sources) : [readOn(statement.database)]
    case 'SHOW TAG KEY CARDINALITY':
    case 'SHOW TAG VALUES CARDINALITY':
    case 'SHOW FIELD KEY CARDINALITY':
      return sourcePrivileges(statement.sources)
  }
  return ADMIN
}

/** READ on what it reads, subqueries included, then WRITE on what it writes. */
export function selectPrivileges(select: SelectStatement): RequiredPrivilege[] {
  const privileges = sourcePrivileges(select.sources)
  if (select.target !== undefined) privileges.push(writeOn(select.target.database))
  return privileges
}

function sourcePrivileges(sources: readonly Source[]): RequiredPrivilege[] {
  return sources.flatMap((source) =>
    source.kind === 'measurement' ? [readOn(source.database)] : selectPrivileges(source.select),
  )
}
