import type { User } from '../../../authz/user.js'
import { AuthError } from '../../../errors.js'
import type { Statement } from '../../../influxql/ast/statement.js'
import { printRedacted } from '../../../influxql/print.js'
import type { ChangeSource } from '../../../middleware/audit-changes.js'
import type { Result } from '../answer/result.js'
import type { RunParameters } from '../upstream/engine.js'
import { failed, type StatementOutcome } from './statement-result.js'
import { isUserStatement, type UserStatement } from './user-statements.js'

/** Who executes statements. */
export interface Executors {
  readonly userStatement: (
    statement: UserStatement,
    source: ChangeSource,
  ) => Promise<StatementOutcome>
  readonly engineStatement: (
    statement: Statement,
    user: User,
    parameters: QueryRun,
    source: ChangeSource,
  ) => Promise<readonly StatementOutcome[]>
}

/** How the statements of a request are run. */
export interface QueryRun extends RunParameters {
  readonly chunked: boolean
  /** How many rows InfluxDB puts in a chunk; empty: as it does by default. */
  readonly chunkSize?: string
}

const NOT_EXECUTED = 'not executed'

/**
 * Runs the statements of a request one after the other, up to the first that fails, and puts the results together as
 * InfluxDB does: after a failure that is not the last statement's, its own text is replaced by `not executed`; in a
 * chunked answer both are there, the second once for each statement that was left out.
 *
 * @throws AuthError (5xx) if the first statement cannot be executed at all
 */
export async function runQuery(
  statements: readonly Statement[],
  user: User,
  parameters: QueryRun,
  source: ChangeSource,
  executors: Executors,
): Promise<readonly Result[]> {
  const { chunked, method } = parameters
  const results: Result[] = []
  for (const [statementId, statement] of statements.entries()) {
    const outcomes = await execute(statement, statementId === 0)
    for (const outcome of outcomes) {
      const messages = warningsOf(statement, outcome, method)
      results.push({ statementId, ...outcome, ...(messages && { messages }) })
    }
    if (outcomes.at(-1)?.error === undefined) continue
    const left = statements.length - 1 - statementId
    if (left === 0) break
    if (!chunked) results.pop()
    for (let i = 0; i < (chunked ? left : 1); i++) {
      results.push({ statementId, error: NOT_EXECUTED })
    }
    break
  }
  return results

  async function execute(
    statement: Statement,
    isFirst: boolean,
  ): Promise<readonly StatementOutcome[]> {
    try {
      return isUserStatement(statement)
        ? [await executors.userStatement(statement, source)]
        : await executors.engineStatement(statement, user, parameters, source)
    } catch (error) {
      if (!(error instanceof AuthError)) throw error
      if (error.status >= 500 && isFirst) throw error
      return [failed(error.message)]
    }
  }
}

/** InfluxDB's warning of a GET that changes something; those of its own statements come with their results. */
function warningsOf(
  statement: Statement,
  { error, messages }: StatementOutcome,
  method: string | undefined,
): Result['messages'] {
  const isChange = isUserStatement(statement) && !statement.kind.startsWith('SHOW')
  if (method !== 'GET' || !isChange || error !== undefined) return messages
  const text = `deprecated use of '${printRedacted(statement)}' in a read only context, please use a POST request instead`
  return [{ level: 'warning', text }]
}
