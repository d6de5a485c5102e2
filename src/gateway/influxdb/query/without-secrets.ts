import { redactDestination } from '../../../influxql/redact-destination.js'
import type { Row, Value } from '../answer/result.js'
import type { StatementOutcome } from './statement-result.js'

/** The column of `SHOW SUBSCRIPTIONS`, and the tag of `SHOW STATS`, with the passwords and tokens of subscriptions. */
const COLUMN = 'destinations'
const TAG = 'destination'

/** What InfluxDB says of subscriptions, without the passwords and tokens in their destinations. */
export function withoutSecrets(outcome: StatementOutcome): StatementOutcome {
  const { series } = outcome
  return series ? { ...outcome, series: series.map(withoutSecret) } : outcome
}

function withoutSecret(row: Row): Row {
  const { tags, columns, values } = row
  const at = columns.indexOf(COLUMN)
  const destination = tags?.[TAG]
  return {
    ...row,
    ...(destination !== undefined && { tags: { ...tags, [TAG]: redactDestination(destination) } }),
    ...(at >= 0 && values && { values: values.map((cells) => cells.with(at, hidden(cells[at]))) }),
  }
}

function hidden(value: Value | undefined): Value {
  if (typeof value === 'string') return redactDestination(value)
  return Array.isArray(value) ? value.map((one: string) => redactDestination(one)) : null
}
