import type { ShowStatement } from './ast/show-statement.js'
import type { Statement } from './ast/statement.js'
import {
  printAlterRetentionPolicy,
  printCreateContinuousQuery,
  printCreateDatabase,
  printCreateRetentionPolicy,
  printCreateSubscription,
} from './printer/print-definitions.js'
import { printFrom, printSelect, printWhere } from './printer/print-select.js'
import { printShow } from './printer/print-show.js'
import { REDACTED } from './redact.js'
import { redactDestination } from './redact-destination.js'
import { quoteName, quoteString } from './values/quote.js'

/**
 * Prints a statement in its canonical form, with its password if it has one: what an InfluxDB is sent. Parsing the text gives
 * the same statement again.
 */
export function printStatement(statement: Statement): string {
  return print(statement, quoteString, (destination) => destination)
}

/**
 * Prints a statement in its canonical form with `[REDACTED]` for a password, and `***` for one in a subscription's
 * destination: what people are shown.
 */
export function printRedacted(statement: Statement): string {
  return print(statement, () => REDACTED, redactDestination)
}

function print(
  s: Statement,
  printPassword: (password: string) => string,
  printDestination: (destination: string) => string,
): string {
  switch (s.kind) {
    case 'SELECT':
      return printSelect(s)
    case 'EXPLAIN':
      return `EXPLAIN ${s.analyze ? 'ANALYZE ' : ''}${printSelect(s.select)}`
    case 'DELETE':
    case 'DROP SERIES':
      return s.kind + printFrom(s.sources) + printWhere(s.condition)
    case 'CREATE USER': {
      const admin = s.admin ? ' WITH ALL PRIVILEGES' : ''
      return `${s.kind} ${quoteName(s.name)} WITH PASSWORD ${printPassword(s.password)}${admin}`
    }
    case 'SET PASSWORD':
      return `SET PASSWORD FOR ${quoteName(s.name)} = ${printPassword(s.password)}`
    case 'GRANT':
      return `GRANT ${s.privilege} ON ${quoteName(s.database)} TO ${quoteName(s.user)}`
    case 'GRANT ADMIN':
      return `GRANT ALL PRIVILEGES TO ${quoteName(s.user)}`
    case 'REVOKE':
      return `REVOKE ${s.privilege} ON ${quoteName(s.database)} FROM ${quoteName(s.user)}`
    case 'REVOKE ADMIN':
      return `REVOKE ALL PRIVILEGES FROM ${quoteName(s.user)}`
    case 'DROP USER':
    case 'DROP DATABASE':
    case 'DROP MEASUREMENT':
      return `${s.kind} ${quoteName(s.name)}`
    case 'DROP CONTINUOUS QUERY':
    case 'DROP RETENTION POLICY':
      return `${s.kind} ${quoteName(s.name)} ON ${quoteName(s.database)}`
    case 'DROP SUBSCRIPTION':
      return `${s.kind} ${quoteName(s.name)} ON ${quoteName(s.database)}.${quoteName(s.policy)}`
    case 'DROP SHARD':
      return `${s.kind} ${s.id}`
    case 'KILL QUERY':
      return `${s.kind} ${s.id}${s.host === '' ? '' : ` ON ${quoteName(s.host)}`}`
    case 'CREATE DATABASE':
      return printCreateDatabase(s)
    case 'CREATE RETENTION POLICY':
      return printCreateRetentionPolicy(s)
    case 'ALTER RETENTION POLICY':
      return printAlterRetentionPolicy(s)
    case 'CREATE CONTINUOUS QUERY':
      return printCreateContinuousQuery(s)
    case 'CREATE SUBSCRIPTION':
      return printCreateSubscription(s, printDestination)
  }
  return printShow(s satisfies ShowStatement)
}
