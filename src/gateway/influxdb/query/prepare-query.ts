import { LRUCache } from 'lru-cache'
import type { Statement, StatementKind } from '../../../influxql/ast/statement.js'
import { databasesOf } from '../../../influxql/databases.js'
import { type BoundParameters, type ParseError, parseQuery } from '../../../influxql/parse.js'
import { printStatement } from '../../../influxql/print.js'
import type { RequiredPrivilege } from '../../../influxql/privileges.js'
import { strictPrivileges } from '../../../influxql/strict-privileges.js'
import { isUserStatement } from './user-statements.js'

/** A query that was understood. */
export interface PreparedQuery {
  readonly statements: readonly Statement[]
  /** The canonical text of all, percent-encoded. Only for a query without statements about users. */
  readonly encoded: string
  readonly kinds: readonly StatementKind[]
  readonly hasUserStatements: boolean
  /** What each of the statements requires. */
  readonly required: readonly (readonly RequiredPrivilege[])[]
  /** The databases that are named in it. */
  readonly databases: readonly string[]
  /** Whether it is about the database of the request, too. */
  readonly needsDatabase: boolean
}

/** How many databases are named in a log line. */
const MOST_DATABASES = 10

/**
 * How long all texts that are remembered may be together, and each of them, in UTF-16 units and with their encoded form. What
 * a text comes to takes up to 50 bytes for each.
 */
const MAX_SIZE = 524_288
const MAX_ENTRY_SIZE = 16_384

/**
 * A function that parses queries, and remembers what it has parsed, the least recently used going first: dashboards ask the
 * same over and over. Texts with statements about users, which may hold passwords, are not remembered, and neither are those
 * with bound parameters.
 */
export function createPrepareQuery() {
  const known = new LRUCache<string, PreparedQuery>({
    maxSize: MAX_SIZE,
    maxEntrySize: MAX_ENTRY_SIZE,
    sizeCalculation: ({ encoded }, text) => text.length + encoded.length + 1,
  })

  return function prepareQuery(
    text: string,
    parameters?: BoundParameters,
  ): PreparedQuery | ParseError {
    const isPlain = parameters === undefined || parameters.size === 0
    const remembered = isPlain ? known.get(text) : undefined
    if (remembered) return remembered
    const parsed = parseQuery(text, isPlain ? {} : { parameters })
    if (parsed.error) return parsed.error
    const prepared = prepare(parsed.statements)
    if (isPlain && !prepared.hasUserStatements) known.set(text, prepared)
    return prepared
  }
}

function prepare(statements: readonly Statement[]): PreparedQuery {
  const hasUserStatements = statements.some(isUserStatement)
  const required = statements.map(strictPrivileges)
  return Object.freeze({
    statements,
    encoded: hasUserStatements ? '' : encodeURIComponent(statements.map(printStatement).join('; ')),
    kinds: [...new Set(statements.map(({ kind }) => kind))],
    hasUserStatements,
    required,
    databases: [...new Set(statements.flatMap(databasesOf))].slice(0, MOST_DATABASES),
    needsDatabase: required.flat().some(isOnDefault),
  })
}

function isOnDefault({ admin, privilege, database }: RequiredPrivilege): boolean {
  return !admin && privilege !== 'none' && database === ''
}

const PASSWORD = /password/i
const PLACE = /, expected (string|;) at line (\d+), char (\d+)$/

/**
 * What a caller is told of a text that is not InfluxQL: InfluxDB's own words. But what stands in the place of a password,
 * or right behind one, is not repeated: it may be one in wrong quotes, or the rest of one.
 */
export function parseErrorText(text: string, { message, redacted }: ParseError): string {
  const [, expected, line, char] = PLACE.exec(message) ?? []
  if (expected === undefined || !PASSWORD.test(text)) return message
  return expected === 'string' || isBehindString(text, Number(line), Number(char))
    ? redacted
    : message
}

function isBehindString(text: string, line: number, char: number): boolean {
  const lines = text.split('\n').slice(0, line)
  const last = lines.pop() ?? ''
  return [...lines, last.slice(0, char - 1)].join('\n').trimEnd().endsWith("'")
}

export function isPrepared(query: PreparedQuery | ParseError): query is PreparedQuery {
  return 'statements' in query
}
