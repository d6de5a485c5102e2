import { redactDestination } from '../../../influxql/redact-destination.js'
import { MASK } from '../../../text/secret.js'
import type { Row, Value } from '../answer/result.js'
import type { StatementOutcome } from './statement-result.js'

/** The column of `SHOW SUBSCRIPTIONS`, and the tag of `SHOW STATS`, with the passwords and tokens of subscriptions. */
const COLUMN = 'destinations'
const TAG = 'destination'

/** Name and password in a URL. A password may hold anything, so it goes on up to the last `@`. */
const USERINFO = /([a-z][a-z0-9+.-]*:\/\/).*@/gis

/** What InfluxDB says of subscriptions, without the passwords and tokens in their destinations. */
export function withoutSecrets(outcome: StatementOutcome): StatementOutcome {
  const { series, error } = outcome
  return {
    ...outcome,
    ...(series && { series: series.map(withoutSecret) }),
    ...(error !== undefined && { error: error.replace(USERINFO, `$1${MASK}@`) }),
  }
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
