// What is remembered of parsed texts, and what is not.
import { expect, test } from 'vitest'
import { createPrepareQuery } from '../../../src/gateway/influxdb/query/prepare-query.js'
import { parseParameters } from '../../../src/influxql/parse.js'

const SELECT = 'SELECT mean(usage_idle) FROM cpu WHERE time > now() - 1h GROUP BY time(1m)'

test.each<[string, string, string, boolean]>([
  // says                              text                                              params         remembered
  ['a text',                           SELECT,                                           '{}',          true],
  ['no text with bound parameters',    'SELECT a FROM m WHERE b = $p',                   '{"p":"x"}',   false],
  ['no text that is not InfluxQL',     'SELEC',                                          '{}',          false],
  ['no statement about users',         "SHOW USERS",                                     '{}',          false],
  ['no password',                      "SELECT a FROM m; SET PASSWORD FOR a = 'secret'", '{}',          false],
  ['no text that is very long',        `SELECT ${'a, '.repeat(10_000)}a FROM m`,          '{}',          false],
])('remembers %s', (_says, text, params, isRemembered) => {
  const prepareQuery = createPrepareQuery()
  const { parameters } = parseParameters(params)
  const first = prepareQuery(text, parameters)
  expect(prepareQuery(text, parameters) === first).toBe(isRemembered)
})

test('with parameters, the same text is another query', () => {
  const prepareQuery = createPrepareQuery()
  const encoded = (value: string) => (prepareQuery('SELECT a FROM m WHERE b = $p', parseParameters(JSON.stringify({ p: value })).parameters) as { encoded: string }).encoded
  expect(encoded('x')).not.toBe(encoded('y'))
})

test('however many come, those that were used last stay, and the others go', () => {
  const prepareQuery = createPrepareQuery()
  const [used, unused] = ['SELECT used FROM m', 'SELECT unused FROM m'].map((text) => ({ text, prepared: prepareQuery(text) }))
  for (let i = 0; i < 5000; i++) {
    prepareQuery(`SELECT ${'a'.repeat(100)} FROM m LIMIT ${i}`)
    if (i % 100 === 0) prepareQuery(used?.text ?? '')
  }
  expect(prepareQuery(used?.text ?? '')).toBe(used?.prepared)
  expect(prepareQuery(unused?.text ?? '')).not.toBe(unused?.prepared)
})
