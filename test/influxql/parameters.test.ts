import { describe, expect, test } from 'vitest'
import { parseQuery } from '../../src/influxql/parse.js'
import { printStatement } from '../../src/influxql/print.js'
import { parseParameters } from '../../src/influxql/values/bound-parameters.js'

/** What becomes of a query with these parameters: its statements printed, or the error. */
function bound(query: string, params: string): string {
  const { parameters, error } = parseParameters(params)
  if (error !== undefined) return error
  const parsed = parseQuery(query, { parameters })
  return parsed.statements?.map(printStatement).join('; ') ?? (parsed.error?.message as string)
}

describe('a bound parameter is put in as one token', () => {
  test.each([
    // query                                        params                             statement
    ["SELECT a FROM m WHERE b = $p",                '{"p":"x"}',                       "SELECT a FROM m WHERE b = 'x'"],
    ["SELECT a FROM m WHERE b = $p",                '{"p":"\' OR true; DROP"}',        "SELECT a FROM m WHERE b = '\\' OR true; DROP'"],
    ['SELECT a FROM m WHERE b = $"my p"',           '{"my p":1}',                      'SELECT a FROM m WHERE b = 1'],
    ['SELECT a FROM m WHERE b = $p',                '{"p":1.0}',                       'SELECT a FROM m WHERE b = 1.000'],
    ['SELECT a FROM m WHERE b = $p',                '{"p":-5}',                        'SELECT a FROM m WHERE b = -5'],
    ['SELECT a FROM m WHERE b = $p',                '{"p":9223372036854775807}',       'SELECT a FROM m WHERE b = 9223372036854775807'],
    ['SELECT a FROM m WHERE b = $p',                '{"p":true}',                      'SELECT a FROM m WHERE b = true'],
    ['SELECT a FROM m WHERE b =~ $p',               '{"p":{"regex":"a/b"}}',           'SELECT a FROM m WHERE b =~ /a\\/b/'],
    ['SELECT $f FROM $m',                           '{"f":{"ident":"x y"},"m":{"identifier":"select"}}', 'SELECT "x y" FROM "select"'],
    ['SELECT a FROM m WHERE time > now() - $p',     '{"p":{"duration":"90m"}}',        'SELECT a FROM m WHERE time > now() - 90m'],
    ['SELECT a FROM m WHERE time > now() - $p',     '{"p":{"duration":1000000}}',      'SELECT a FROM m WHERE time > now() - 1ms'],
    ['SELECT a FROM m LIMIT $n',                    '{"n":{"integer":3}}',             'SELECT a FROM m LIMIT 3'],
    ['SELECT a FROM m WHERE b = $p',                '{"p":{"float":2}}',               'SELECT a FROM m WHERE b = 2.000'],
    ['SELECT a FROM m WHERE b = $p',                '{"p":"a","p":"b"}',               "SELECT a FROM m WHERE b = 'b'"],
    ["CREATE USER u WITH PASSWORD $p",              '{"p":"pw"}',                      "CREATE USER u WITH PASSWORD 'pw'"],
    ['SHOW USERS',                                  'null',                            'SHOW USERS'],
    ['SHOW USERS',                                  '{"unused":[1]}',                  'SHOW USERS'],
    ['SELECT a FROM m WHERE b = $toString',         '{"toString":"x"}',                "SELECT a FROM m WHERE b = 'x'"],
  ])('%s with %s', (query, params, statement) => {
    expect(bound(query, params)).toBe(statement)
  })
})

describe('a parameter is refused where it does not fit', () => {
  test.each([
    // query                                        params                             error
    ['CREATE USER $p WITH PASSWORD \'x\'',          '{"p":"u"}',                       'found u, expected identifier at line 1, char 13'],
    ['SELECT a FROM m WHERE b = $p',                '{}',                              'missing parameter: p'],
    ['SELECT a FROM m WHERE b = $toString',         '{}',                              'missing parameter: toString'],
    ['SELECT a FROM m WHERE b = $__proto__',        '{}',                              'missing parameter: __proto__'],
    ['SELECT a FROM m WHERE b = $',                 '{"":1}',                          'empty bound parameter'],
    ['SELECT a FROM m WHERE b = $p',                '{"p":null}',                      'missing parameter: unable to bind parameter with type <nil>'],
    ['SELECT a FROM m WHERE b = $p',                '{"p":[1]}',                       'missing parameter: unable to bind parameter with type []interface {}'],
    ['SELECT a FROM m WHERE b = $p',                '{"p":{"x":1}}',                   'missing parameter: unknown bind object type: x'],
    ['SELECT a FROM m WHERE b = $p',                '{"p":{}}',                        'missing parameter: bound object parameter value must have exactly one entry'],
    ['SELECT a FROM m LIMIT $p',                    '{"p":-1}',                        'LIMIT must be >= 0 at line 1, char 23'],
    ['KILL QUERY $p',                               '{"p":-1}',                        'strconv.ParseUint: parsing "-1": invalid syntax at line 1, char 12'],
    ['SELECT a FROM m WHERE b =~ $p',               '{"p":{"regex":"("}}',             'error parsing regexp: missing closing ): `(` at line 1, char 28'],
    ['SELECT a FROM m WHERE b = $p',                '{"p":{"regex":"x"}}',             'a regular expression may stand behind =~ and !~ only'],
    ['SELECT a FROM m WHERE b = $p',                '{"p":"a\\rb"}',                   'missing parameter: text with a control character that InfluxQL cannot write'],
    ['SELECT a FROM m WHERE b = $p',                '{"p":"a\\u0000b"}',               'missing parameter: text with a control character that InfluxQL cannot write'],
    ['CREATE RETENTION POLICY r ON d DURATION $p REPLICATION 1', '{"p":{"duration":"-1h"}}', 'found -1h, expected duration at line 1, char 41'],
    ['SHOW USERS',                                  '{"p":1e5}',                       'error parsing json value: strconv.ParseInt: parsing "1e5": invalid syntax'],
    ['SHOW USERS',                                  '{"p":99999999999999999999}',      'error parsing json value: strconv.ParseInt: parsing "99999999999999999999": value out of range'],
    ['SHOW USERS',                                  '{"p":1.0e999}',                   'error parsing json value: strconv.ParseFloat: parsing "1.0e999": value out of range'],
    ['SHOW USERS',                                  '[]',                              'error parsing query parameters: json: cannot unmarshal array into Go value of type map[string]interface {}'],
    ['SHOW USERS',                                  '{"p":1',                          'error parsing query parameters: unexpected EOF'],
    ['SHOW USERS',                                  '{"p":1, x',                       "error parsing query parameters: invalid character 'x' looking for beginning of object key string"],
    ['SHOW USERS',                                  '{p:1}',                           "error parsing query parameters: invalid character 'p' looking for beginning of object key string"],
    ['SHOW USERS',                                  `{"p":${'['.repeat(100)}`,         'error parsing query parameters: exceeded max depth'],
    ['SHOW USERS',                                  '{"p":"a\nb"}',                    'error parsing query parameters: invalid character in string literal'],
    ['SHOW USERS',                                  '',                                'error parsing query parameters: unexpected EOF'],
  ])('%s with %s', (query, params, error) => {
    expect(bound(query, params)).toBe(error)
  })
})

test('a long text of escapes is read', () => {
  const { parameters } = parseParameters(`{"p":"${'\\n'.repeat(1_000_000)}"}`)
  expect(parameters?.get('p')?.literal).toHaveLength(1_000_000)
})
