import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseQuery } from '../../src/influxql/parse.js'
import { printRedacted } from '../../src/influxql/print.js'
import { requiredPrivileges } from '../../src/influxql/privileges.js'

/** What a real InfluxDB 1.6.7 made of a query. */
interface Recorded {
  query: string
  /** Why it was not one. */
  error?: string
  /** How the statement was printed that somebody was not authorized to execute. */
  statement?: string
  /** What was required of one who held nothing, the database of the request being db1. */
  requires?: string
}

const FIXTURE = join(import.meta.dirname, '../fixtures/influxql-recorded.json')
const recorded = JSON.parse(readFileSync(FIXTURE, 'utf8')) as Recorded[]
const refused = recorded.filter(({ error }) => error !== undefined)
const accepted = recorded.filter(({ error }) => error === undefined)
const printed = recorded.filter(({ statement }) => statement !== undefined)
const required = recorded.filter(({ requires }) => requires !== undefined)

const WORDS = { none: 'NO PRIVILEGES', read: 'READ', write: 'WRITE', all: 'ALL PRIVILEGES' }

test('there is something to check', () => {
  expect([refused.length, accepted.length, printed.length, required.length]).toEqual([60, 140, 66, 57])
})

describe('is refused in the words of InfluxDB:', () => {
  test.each(refused)('$query', ({ query, error }) => {
    expect(parseQuery(query).error?.message).toBe(error)
  })
})

describe('is parsed:', () => {
  test.each(accepted)('$query', ({ query }) => {
    expect(parseQuery(query).error).toBeUndefined()
  })
})

describe('is printed as InfluxDB prints it:', () => {
  test.each(printed)('$query', ({ query, statement }) => {
    expect(parseQuery(query).statements?.map(printRedacted)).toEqual([statement])
  })
})

describe('requires what InfluxDB requires:', () => {
  test.each(required)('$query', ({ query, requires }) => {
    const needed = parseQuery(query).statements?.flatMap(requiredPrivileges) ?? []
    const [first] = needed.filter(({ privilege }) => privilege !== 'none')
    const words = first?.admin ? 'admin privilege' : `${WORDS[first?.privilege ?? 'none']} on ${first?.database || 'db1'}`
    expect(words).toBe(requires)
  })
})
