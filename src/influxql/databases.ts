import type { Statement } from './ast/statement.js'
import { strictPrivileges } from './strict-privileges.js'

/** The databases that a statement names, each once: what it is about, what it reads and what it writes. For logs. */
export function databasesOf(statement: Statement): readonly string[] {
  const databases = new Set<string>()
  if (statement.kind === 'CREATE DATABASE' || statement.kind === 'DROP DATABASE') {
    databases.add(statement.name)
  }
  if ('database' in statement) databases.add(statement.database)
  for (const { database } of strictPrivileges(statement)) databases.add(database)
  databases.delete('')
  return [...databases]
}
