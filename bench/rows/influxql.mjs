// What a query costs before it goes to InfluxDB: parsed and authorized; also printed, encoded and remembered; and one that was
// parsed before.
import { authorizeQuery } from '../../dist/gateway/influxdb/query/authorize-query.js'
import { createPrepareQuery } from '../../dist/gateway/influxdb/query/prepare-query.js'
import { parseQuery } from '../../dist/influxql/parse.js'
import { strictPrivileges } from '../../dist/influxql/strict-privileges.js'
import { row } from '../lib/rows.mjs'

/** As Grafana writes it for a panel. */
const panel = (n) =>
  `SELECT mean("usage_idle") AS "idle", non_negative_derivative(max("usage_user"), 1s) FROM "telegraf"."autogen"."cpu" WHERE ("host" =~ /^(server1|server2)$/ AND "cpu" = 'cpu-total') AND time >= ${1_500_000_000_000 + n}ms AND time <= 1500003600000ms GROUP BY time(10s), "host" fill(null)`

const ANN = {
  name: 'ann',
  admin: false,
  privileges: new Map([['/database/telegraf_clean', 3]]),
}
const OPTIONS = { database: 'telegraf', isByPassword: true }

/** @param {{ rounds: number, count: number }} options queries in a round */
export function influxql({ rounds, count }) {
  const prepareQuery = createPrepareQuery()
  let n = 0
  const once = (text) => {
    const prepared = prepareQuery(text)
    if (authorizeQuery(ANN, prepared, OPTIONS)) throw new Error('ann may not ask that')
  }
  const parseAndAuthorize = (text) => {
    const { statements } = parseQuery(text)
    const required = statements.map(strictPrivileges)
    if (authorizeQuery(ANN, { statements, required }, OPTIONS)) throw new Error('refused')
  }
  // A text as it comes with a request: no string that was hashed before
  const repeated = Array.from({ length: 20 }, (_, i) => Buffer.from(panel(i)))
  // CPU time: others on the machine do not count
  const micros = (run) => {
    const start = process.cpuUsage()
    for (let i = 0; i < count; i++) run(i)
    const { user, system } = process.cpuUsage(start)
    return (user + system) / count
  }
  const measured = (run) => {
    micros(run) // warm-up
    return Array.from({ length: rounds }, () => micros(run))
  }
  const goal = (floor) => ({ floor, better: 'less' })
  return [
    'parsing and authorizing a query, µs',
    row(
      "a dashboard's SELECT",
      measured(() => parseAndAuthorize(panel(n++))),
      goal(25),
    ),
    row(
      'the same, also printed, encoded and remembered',
      measured(() => once(panel(n++))),
    ),
    row(
      'a text that was parsed before',
      measured((i) => once(repeated[i % 20].toString())),
      goal(2),
    ),
  ]
}
