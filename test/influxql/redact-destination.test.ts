import { expect, test } from 'vitest'
import { parseQuery } from '../../src/influxql/parse.js'
import { printRedacted, printStatement } from '../../src/influxql/print.js'
import { redactDestination } from '../../src/influxql/redact-destination.js'

test.each([
  // destination                                   shown
  ['http://~subscriber:t0ken@gateway:9092',        'http://~subscriber:***@gateway:9092'],
  ['https://writer:pw@gateway:9092/path',          'https://writer:***@gateway:9092/path'],
  ['HTTP://writer:pw@gateway',                     'HTTP://writer:***@gateway'],
  ['http://writer:p:w@gateway',                    'http://writer:***@gateway'],
  ['http://writer:p@w@gateway',                    'http://writer:***@gateway'],
  ['http://writer:p/w?x#y@gateway',                'http://writer:***@gateway'],
  ['http://writer:p\nw@gateway',                   'http://writer:***@gateway'],
  ['http://:pw@gateway',                           'http://:***@gateway'],
  ['http://writer:@gateway',                       'http://writer:***@gateway'],
  ['writer:pw@gateway',                            'writer:***@gateway'],
  ['http://gateway:9092?u=ann&p=pw',               'http://gateway:9092?***'],
  ['http://writer@gateway:9092',                   'http://writer@gateway:9092'],
  ['http://gateway:9092',                          'http://gateway:9092'],
  ['udp://gateway:9100',                           'udp://gateway:9100'],
  ['',                                             ''],
])('%j is shown as %j', (destination, shown) => {
  expect(redactDestination(destination)).toBe(shown)
})

test('CREATE SUBSCRIPTION goes to InfluxDB as it is, and to people without its passwords', () => {
  const text = `CREATE SUBSCRIPTION s ON a.b DESTINATIONS ALL 'http://w:pw1@x:1', 'http://w:pw2@y:2'`
  const { statements: [statement] = [] } = parseQuery(text)
  if (!statement) throw new Error('it cannot be parsed')
  expect(printStatement(statement)).toBe(text)
  expect(printRedacted(statement)).toBe(text.replace(/pw\d/g, '***'))
})

test.each([
  [`CREATE SUBSCRIPTION s ON a.b DESTINATIONS ALL 'http://w:pw@x' pw`],
  ['CREATE SUBSCRIPTION s ON a.b DESTINATIONS ALL pw'],
  ['CREATE SUBSCRIPTION s ON a.b DESTINATIONS pw'],
  [`CREATE SUBSCRIPTION s ON a.b DESTINATIONS 'pw'`],
])('the error of %s shows no password', (text) => {
  const { error } = parseQuery(text)
  expect(error?.redacted).toBeDefined()
  expect(error?.redacted).not.toContain('pw')
})
