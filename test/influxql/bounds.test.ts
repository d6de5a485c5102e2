import { describe, expect, test } from 'vitest'
import { databasesOf } from '../../src/influxql/databases.js'
import { parseQuery } from '../../src/influxql/parse.js'
import { printStatement } from '../../src/influxql/print.js'
import { redactText } from '../../src/influxql/redact.js'
import { strictPrivileges } from '../../src/influxql/strict-privileges.js'

const LONG = { maxLength: 10_000_000, maxStatements: 1_000_000 }

describe('what is too much is refused', () => {
  test.each([
    // says                    query                                                                     error
    ['parentheses',            `SELECT a FROM m WHERE ${'('.repeat(10_000)}a`,                           'nesting too deep: at most 100 levels at line 1, char 123'],
    ['calls',                  `SELECT ${'f('.repeat(10_000)}`,                                          'nesting too deep: at most 100 levels at line 1, char 209'],
    ['signs and parentheses',  `SELECT ${'-('.repeat(10_000)}`,                                          'nesting too deep: at most 100 levels at line 1, char 209'],
    ['subqueries',             'SELECT a FROM ('.repeat(10_000),                                         'nesting too deep: at most 100 levels at line 1, char 1515'],
    ['a distinct call',        `SELECT ${'distinct('.repeat(101)}`,                                      'nesting too deep: at most 100 levels at line 1, char 916'],
    ['statements',             'SHOW USERS;'.repeat(10_001),                                             'too many statements: at most 10000 at line 1, char 110001'],
    ['a long text',            ' '.repeat(1_048_577),                                                    'query too long: at most 1048576 characters'],
    ['a NUL',                  'SHOW USERS\0; DROP DATABASE d',                                          'query contains a NUL character'],
    ['a deep regex',           `SELECT a FROM m WHERE b =~ /${'('.repeat(251)}/`,                        `error parsing regexp: expression nests too deeply: \`${'('.repeat(251)}\` at line 1, char 27`],
  ])('%s', (_says, query, error) => {
    expect(parseQuery(query).error?.message).toBe(error)
  })

  test.each([
    // says                   query                                                     options
    ['depth',                 'SELECT ((a)) FROM m',                                    { maxDepth: 1 }],
    ['statements',            'SHOW USERS; SHOW USERS',                                 { maxStatements: 1 }],
    ['length',                'SHOW USERS',                                             { maxLength: 9 }],
  ])('by an option: %s', (_says, query, options) => {
    expect(parseQuery(query, options).statements).toBeUndefined()
    expect(parseQuery(query).statements).toBeDefined()
  })

  test('as deep as may be', () => {
    const expression = `${'('.repeat(100)}a${')'.repeat(100)}`
    expect(parseQuery(`SELECT ${expression} FROM m`).error).toBeUndefined()
  })
})

describe('what is long is taken, and comes out as it went in', () => {
  const chain = (operator: string) => Array.from({ length: 100_000 }, () => 'a').join(` ${operator} `)

  test.each([
    // says                                query
    ['a sum',                              `SELECT ${chain('+')} FROM m`],
    ['a product',                          `SELECT ${chain('*')} FROM m`],
    ['many alternatives',                  `SELECT a FROM m WHERE ${chain('OR')}`],
    ['many comparisons',                   `SELECT a FROM m WHERE ${Array.from({ length: 50_000 }, (_, i) => `a = ${i}`).join(' OR ')}`],
    ['signs in a product',                 `SELECT ${Array.from({ length: 50_000 }, () => '-a').join(' / ')} FROM m`.replace('SELECT -a', 'SELECT -1 * a')],
    ['fields',                             `SELECT ${Array.from({ length: 100_000 }, (_, i) => `f${i}`).join(', ')} FROM m`],
    ['sources',                            `SELECT a FROM ${Array.from({ length: 100_000 }, (_, i) => `d${i}..m`).join(', ')}`],
    ['arguments',                          `SELECT f(${Array.from({ length: 100_000 }, (_, i) => `a${i}`).join(', ')}) FROM m`],
    ['a string',                           `SELECT a FROM m WHERE b = '${"\\'".repeat(1_000_000)}'`],
    ['a name',                             `SELECT "${'\\\\'.repeat(1_000_000)}" FROM m`],
    ['a regex',                            `SELECT a FROM m WHERE b =~ /${'[[:'.repeat(100_000)}x]/`],
    ['a regex of groups',                  `SELECT a FROM m WHERE b =~ /${'(a)'.repeat(100_000)}/`],
  ])('%s', (_says, query) => {
    const [statement] = parseQuery(query, LONG).statements ?? []
    expect(statement && printStatement(statement)).toBe(query)
    expect(statement && strictPrivileges(statement).length).toBeGreaterThan(0)
    expect(statement && databasesOf(statement)).toBeDefined()
  })

  test.each([
    // says                                text
    ['blanks',                             ' '.repeat(300_000)],
    ['comments',                           '/**/'.repeat(300_000)],
    ['comments without an end',            '/*'.repeat(300_000)],
    ['semicolons',                         ';'.repeat(300_000)],
    ['line breaks before an error',        `${'\n'.repeat(300_000)}x`],
    ['quotes',                             `"${'"'.repeat(300_000)}`],
    ['dots',                               `SELECT a${'.'.repeat(300_000)}`],
    ['digits',                             `KILL QUERY ${'9'.repeat(300_000)}`],
    ['units',                              `SELECT ${'1h'.repeat(100_000)} FROM m`],
    ['statements',                         'SHOW USERS;'.repeat(100_000)],
    ['classes in a regex',                 `SELECT /${'[[:a:]'.repeat(100_000)}/ FROM m`],
    ['repetitions in a regex',             `SELECT /${'a{1'.repeat(100_000)}/ FROM m`],
  ])('%s: an answer, whichever', (_says, text) => {
    expect(parseQuery(text, LONG)).toBeDefined()
    expect(redactText(text)).toBeDefined()
  })
})
