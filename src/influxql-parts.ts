// What a program that imports `kapacitor-auth/influxql` may use: InfluxQL read, judged and printed. Loads no package.

export type { Statement, StatementKind } from './influxql/ast/statement.js'
export { databasesOf } from './influxql/databases.js'
export {
  type BoundParameters,
  type ParsedQuery,
  type ParseError,
  type ParseOptions,
  parseParameters,
  parseQuery,
} from './influxql/parse.js'
export { printRedacted, printStatement } from './influxql/print.js'
export { type RequiredPrivilege, requiredPrivileges } from './influxql/privileges.js'
export { redactText } from './influxql/redact.js'
export { strictPrivileges } from './influxql/strict-privileges.js'
