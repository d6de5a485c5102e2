import type { Result, Row } from '../answer/result.js'

/** What came of one statement: perhaps a table, or an error in its place. */
export type StatementOutcome = Omit<Result, 'statementId'>

/** One table; without values if there are no rows. */
export function table(
  columns: readonly string[],
  rows: NonNullable<Row['values']>,
  name?: string,
): StatementOutcome {
  return { series: [{ name, columns, ...(rows.length > 0 && { values: rows }) }] }
}

/** An ordinary failure of a statement: 200, with the text in its result. */
export const failed = (error: string): StatementOutcome => ({ error })

export const DONE: StatementOutcome = Object.freeze({})
