import { describe, expect, test } from 'vitest'
import { parseQuery } from '../../src/influxql/parse.js'
import { printRedacted } from '../../src/influxql/print.js'

describe('the examples of InfluxDB\'s documents on authentication', () => {
  test.each([
    // query                                                                    shown
    ["CREATE USER paul WITH PASSWORD 'timeseries4days' WITH ALL PRIVILEGES",    'CREATE USER paul WITH PASSWORD [REDACTED] WITH ALL PRIVILEGES'],
    ["CREATE USER admin WITH PASSWORD '' WITH ALL PRIVILEGES",                  'CREATE USER admin WITH PASSWORD [REDACTED] WITH ALL PRIVILEGES'],
    ['GRANT ALL PRIVILEGES TO "todd"',                                          'GRANT ALL PRIVILEGES TO todd'],
    ['REVOKE ALL PRIVILEGES FROM "todd"',                                       'REVOKE ALL PRIVILEGES FROM todd'],
    ['SHOW USERS',                                                              'SHOW USERS'],
    ["CREATE USER todd WITH PASSWORD 'influxdb41yf3'",                          'CREATE USER todd WITH PASSWORD [REDACTED]'],
    ["CREATE USER alice WITH PASSWORD 'wonder\\'land'",                         'CREATE USER alice WITH PASSWORD [REDACTED]'],
    ['CREATE USER "rachel_smith" WITH PASSWORD \'asdf1234!\'',                  'CREATE USER rachel_smith WITH PASSWORD [REDACTED]'],
    ['CREATE USER "monitoring-robot" WITH PASSWORD \'XXXXX\'',                  'CREATE USER "monitoring-robot" WITH PASSWORD [REDACTED]'],
    ['CREATE USER "$savyadmin" WITH PASSWORD \'m3tr1cL0v3r\'',                  'CREATE USER "$savyadmin" WITH PASSWORD [REDACTED]'],
    ['GRANT READ ON "NOAA_water_database" TO "todd"',                           'GRANT READ ON NOAA_water_database TO todd'],
    ['GRANT ALL ON "NOAA_water_database" TO "todd"',                            'GRANT ALL PRIVILEGES ON NOAA_water_database TO todd'],
    ['REVOKE ALL ON "NOAA_water_database" FROM "todd"',                         'REVOKE ALL PRIVILEGES ON NOAA_water_database FROM todd'],
    ['REVOKE WRITE ON "NOAA_water_database" FROM "todd"',                       'REVOKE WRITE ON NOAA_water_database FROM todd'],
    ['SHOW GRANTS FOR "todd"',                                                  'SHOW GRANTS FOR todd'],
    ['SET PASSWORD FOR "todd" = \'influxdb4ever\'',                             'SET PASSWORD FOR todd = [REDACTED]'],
    ['DROP USER "todd"',                                                        'DROP USER todd'],
    ['SHOW DATABASES',                                                          'SHOW DATABASES'],
    ['SELECT * FROM h2o_feet LIMIT 3',                                          'SELECT * FROM h2o_feet LIMIT 3'],
  ])('%s', (query, shown) => {
    expect(parseQuery(query).statements?.map(printRedacted)).toEqual([shown])
  })

  test.each([
    // says                    query                                                  error
    ['a template',             "CREATE USER <admin_user> WITH PASSWORD '<password>'", 'found <, expected identifier at line 1, char 13'],
    ['a choice',               'GRANT [READ,WRITE,ALL] ON db TO u',                   'found [, expected READ, WRITE, ALL [PRIVILEGES] at line 1, char 7'],
    ['a privilege for itself', 'REVOKE READ FROM todd',                               'found FROM, expected ON at line 1, char 13'],
  ])('%s is not a statement', (_says, query, error) => {
    expect(parseQuery(query).error?.message).toBe(error)
  })
})

describe('between statements', () => {
  test.each([
    // query                                    statements
    ['',                                        []],
    [';;  ; -- nothing',                        []],
    ['SHOW USERS',                              ['SHOW USERS']],
    ['SHOW USERS; SHOW QUERIES;',               ['SHOW USERS', 'SHOW QUERIES']],
    [';SHOW USERS;;SHOW QUERIES',               ['SHOW USERS', 'SHOW QUERIES']],
    ['SHOW/**/USERS -- them all\n; SHOW\r\n\tQUERIES', ['SHOW USERS', 'SHOW QUERIES']],
    ["SET PASSWORD FOR a = 'b;c'; DROP USER \";\"", ['SET PASSWORD FOR a = [REDACTED]', 'DROP USER ";"']],
  ])('%j', (query, statements) => {
    expect(parseQuery(query).statements?.map(printRedacted)).toEqual(statements)
  })

  test.each([
    // query                                    error
    ['SHOW USERS SHOW QUERIES',                 'found SHOW, expected ; at line 1, char 12'],
    ['SHOW USERS, SHOW QUERIES',                'found ,, expected ; at line 1, char 11'],
    ['SHOW USERS; SHOW',                        'found EOF, expected CONTINUOUS, DATABASES, DIAGNOSTICS, FIELD, GRANTS, MEASUREMENT, MEASUREMENTS, QUERIES, RETENTION, SERIES, SHARD, SHARDS, STATS, SUBSCRIPTIONS, TAG, USERS at line 1, char 18'],
    ['SHOW USERS /* them all',                  'found ILLEGAL, expected ; at line 1, char 12'],
    ["SHOW\r\nUSERS\r'x",                       'found x, expected ; at line 2, char 6'],
    ['DROP USER 😀',                            'found 😀, expected identifier at line 1, char 11'],
    ["DROP USER \"😀\" 'x'",                    'found x, expected ; at line 1, char 14'],
  ])('%j is refused', (query, error) => {
    expect(parseQuery(query).error?.message).toBe(error)
  })
})
