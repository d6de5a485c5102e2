import type { User } from '../../../authz/user.js'
import type { Statement, StatementKind } from '../../../influxql/ast/statement.js'
import { parseQuery } from '../../../influxql/parse.js'
import { strictPrivileges } from '../../../influxql/strict-privileges.js'
import type { ChangeSource } from '../../../middleware/audit-changes.js'
import type { Row, Value } from '../answer/result.js'
import type { Engine, RunParameters } from '../upstream/engine.js'
import type { UserAdministration } from '../users/user-administration.js'
import { holds } from './authorize-query.js'
import { isAdministrator, privilegeOn } from './database-privilege.js'
import type { ChangeListener } from './report-user-statement.js'
import type { QueryRun } from './run-query.js'
import { type StatementOutcome, table } from './statement-result.js'
import { withoutSecrets } from './without-secrets.js'

/** What makes retention policies, takes them away, or changes them. */
const POLICY_CHANGES: ReadonlySet<StatementKind> = new Set<StatementKind>([
  'CREATE DATABASE',
  'DROP DATABASE',
  'CREATE RETENTION POLICY',
  'ALTER RETENTION POLICY',
  'DROP RETENTION POLICY',
])

/**
 * Whether a statement of InfluxDB's goes through the gateway's hands: its answer is filtered, or its success has a
 * consequence. All others are streamed.
 *
 * @param isWatched whether somebody wants to hear of changes of retention policies
 */
export function isHandled({ kind }: Statement, user: User, isWatched: boolean): boolean {
  if (isWatched && POLICY_CHANGES.has(kind)) return true
  switch (kind) {
    case 'SHOW DATABASES':
    case 'DROP DATABASE':
    case 'SHOW SUBSCRIPTIONS':
    case 'SHOW STATS':
      return true
    case 'SHOW QUERIES':
    case 'SHOW CONTINUOUS QUERIES':
      return !isAdministrator(user)
    default:
      return false
  }
}

export interface EngineStatementsOptions {
  readonly engine: Engine
  readonly users: UserAdministration
  /** Told when permissions on a database were taken from everybody. */
  readonly onChange: (name: string | undefined) => void
  readonly report: ChangeListener | undefined
  /** Told when databases or retention policies were made, changed or dropped. */
  readonly onPolicyChange: (() => void) | undefined
}

/**
 * A function that runs a statement in InfluxDB, waits for its result, and shows of it what the user may know: one outcome, or
 * more in chunks.
 */
export function createEngineStatements(options: EngineStatementsOptions) {
  const { engine, users, onChange, report, onPolicyChange } = options

  return async function execute(
    statement: Statement,
    user: User,
    { chunked, chunkSize = '', ...parameters }: QueryRun,
    source: ChangeSource,
  ): Promise<readonly StatementOutcome[]> {
    const isWatched = onPolicyChange !== undefined
    if (chunked && !isHandled(statement, user, isWatched)) {
      return engine.runChunked(statement, { ...parameters, chunkSize })
    }
    const outcome = await executeWhole(statement, user, parameters, source)
    if (POLICY_CHANGES.has(statement.kind) && outcome.error === undefined) onPolicyChange?.()
    return [outcome]
  }

  async function executeWhole(
    statement: Statement,
    user: User,
    parameters: RunParameters,
    source: ChangeSource,
  ): Promise<StatementOutcome> {
    switch (statement.kind) {
      case 'SHOW DATABASES': {
        const names = (await engine.databases()).filter((name) => privilegeOn(user, name) !== 0)
        return table(
          ['name'],
          names.map((name) => [name]),
          'databases',
        )
      }
      case 'DROP DATABASE': {
        const outcome = await engine.run(statement, parameters)
        if (outcome.error !== undefined) return outcome
        await users.forgetDatabase(statement.name)
        onChange(undefined)
        report?.(source, {
          outcome: 'made',
          change: 'remove-database-permissions',
          subject: 'registry',
          name: statement.name,
        })
        return outcome
      }
      case 'CREATE SUBSCRIPTION':
      case 'SHOW SUBSCRIPTIONS':
      case 'SHOW STATS':
        return withoutSecrets(await engine.run(statement, parameters))
      case 'SHOW QUERIES':
        return withRows(await engine.run(statement, parameters), (row, columns) =>
          isVisibleQuery(user, columns, row),
        )
      case 'SHOW CONTINUOUS QUERIES':
        return withSeries(await engine.run(statement, parameters), ({ name = '' }) =>
          holds(user, { admin: false, privilege: 'read', database: name }, ''),
        )
      default:
        return engine.run(statement, parameters)
    }
  }
}

/** Whether a running query reads and writes only what the user may read and write. */
function isVisibleQuery(user: User, columns: readonly string[], row: readonly Value[]): boolean {
  const cell = (name: string) => String(row[columns.indexOf(name)] ?? '')
  const database = cell('database')
  const { statements = [] } = parseQuery(cell('query'))
  return (
    statements.length > 0 &&
    holds(user, { admin: false, privilege: 'read', database }, '') &&
    statements.every((one) => strictPrivileges(one).every((each) => holds(user, each, database)))
  )
}

function withRows(
  outcome: StatementOutcome,
  isKept: (row: readonly Value[], columns: readonly string[]) => boolean,
): StatementOutcome {
  const series = outcome.series?.map(({ values, ...row }): Row => {
    const kept = values?.filter((one) => isKept(one, row.columns)) ?? []
    return kept.length === 0 ? row : { ...row, values: kept }
  })
  return series ? { ...outcome, series } : outcome
}

function withSeries(outcome: StatementOutcome, isKept: (row: Row) => boolean): StatementOutcome {
  const { series, ...rest } = outcome
  const kept = series?.filter(isKept) ?? []
  return kept.length === 0 ? rest : { ...rest, series: kept }
}
