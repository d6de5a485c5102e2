import { describe, expect, test } from 'vitest'
import { databasesOf } from '../../src/influxql/databases.js'
import { parseQuery } from '../../src/influxql/parse.js'
import { type RequiredPrivilege, requiredPrivileges } from '../../src/influxql/privileges.js'
import { strictPrivileges } from '../../src/influxql/strict-privileges.js'

/** `READ d` for READ on d, `READ` for READ on the request's database, `ADMIN`, `NONE`, and nothing at all. */
function words(privileges: readonly RequiredPrivilege[]): string {
  return privileges
    .map(({ admin, database, privilege }) => (admin ? 'ADMIN' : `${privilege.toUpperCase()} ${database}`.trim()))
    .join(', ')
}

function statementOf(query: string) {
  const [statement] = parseQuery(query).statements ?? []
  if (statement === undefined) throw new Error(`not a statement: ${query}`)
  return statement
}

describe('InfluxDB requires, and better is', () => {
  test.each([
    // query                                                                        InfluxDB              strict
    ['CREATE DATABASE d',                                                           'ADMIN',              'ADMIN'],
    ['DROP DATABASE d',                                                             'ADMIN',              'ADMIN'],
    ['CREATE RETENTION POLICY r ON d DURATION 1h REPLICATION 1',                    'ADMIN',              'ADMIN'],
    ['ALTER RETENTION POLICY r ON d DEFAULT',                                       'ADMIN',              'ADMIN'],
    ['CREATE SUBSCRIPTION s ON d.r DESTINATIONS ALL \'x\'',                         'ADMIN',              'ADMIN'],
    ['DROP SUBSCRIPTION s ON d.r',                                                  'ADMIN',              'ADMIN'],
    ['SHOW SUBSCRIPTIONS',                                                          'ADMIN',              'ADMIN'],
    ['CREATE USER u WITH PASSWORD \'p\'',                                           'ADMIN',              'ADMIN'],
    ['DROP USER u',                                                                 'ADMIN',              'ADMIN'],
    ['SET PASSWORD FOR u = \'p\'',                                                  'ADMIN',              'ADMIN'],
    ['GRANT READ ON d TO u',                                                        'ADMIN',              'ADMIN'],
    ['GRANT ALL TO u',                                                              'ADMIN',              'ADMIN'],
    ['REVOKE READ ON d FROM u',                                                     'ADMIN',              'ADMIN'],
    ['REVOKE ALL FROM u',                                                           'ADMIN',              'ADMIN'],
    ['SHOW USERS',                                                                  'ADMIN',              'ADMIN'],
    ['SHOW GRANTS FOR u',                                                           'ADMIN',              'ADMIN'],
    ['SHOW STATS',                                                                  'ADMIN',              'ADMIN'],
    ['SHOW DIAGNOSTICS',                                                            'ADMIN',              'ADMIN'],
    ['SHOW SHARDS',                                                                 'ADMIN',              'ADMIN'],
    ['SHOW SHARD GROUPS',                                                           'ADMIN',              'ADMIN'],
    ['DROP SHARD 1',                                                                'ADMIN',              'ADMIN'],
    ['KILL QUERY 1',                                                                'ADMIN',              'ADMIN'],
    ['DROP MEASUREMENT m',                                                          'ADMIN',              'ADMIN'],
    ['DROP RETENTION POLICY r ON d',                                                'WRITE d',            'WRITE d'],
    ['DROP CONTINUOUS QUERY c ON d',                                                'WRITE d',            'WRITE d'],
    ['DROP SERIES FROM m',                                                          'WRITE',              'WRITE'],
    ['DELETE FROM m',                                                               'WRITE',              'WRITE'],
    ['SHOW DATABASES',                                                              'NONE',               'NONE'],
    ['SHOW QUERIES',                                                                'READ',               'READ'],
    ['SHOW CONTINUOUS QUERIES',                                                     'READ',               'READ'],
    ['SHOW RETENTION POLICIES',                                                     'READ',               'READ'],
    ['SHOW RETENTION POLICIES ON d',                                                'READ d',             'READ d'],
    ['SELECT a FROM m',                                                             'READ',               'READ'],
    ['SELECT a FROM m, d..m, e.r.m',                                                'READ, READ d, READ e', 'READ, READ d, READ e'],
    ['SELECT a FROM (SELECT a FROM d..m), e../x/',                                  'READ d, READ e',     'READ d, READ e'],
    ['SELECT a INTO d..t FROM e..m',                                                'READ e, WRITE d',    'READ e, WRITE d'],
    ['SELECT a INTO t FROM m',                                                      'READ, WRITE',        'READ, WRITE'],
    ['SELECT a FROM (SELECT a INTO d..t FROM m)',                                   'READ, WRITE d',      'READ, WRITE d'],
    ['EXPLAIN SELECT a INTO d..t FROM e..m',                                        'READ e, WRITE d',    'READ e, WRITE d'],
    ['CREATE CONTINUOUS QUERY c ON d BEGIN SELECT f(a) INTO t FROM m GROUP BY time(1h) END', 'READ d',    'READ d, WRITE d'],
    ['CREATE CONTINUOUS QUERY c ON d BEGIN SELECT f(a) INTO e..t FROM g..m, (SELECT a FROM h..m) GROUP BY time(1h) END',
      'READ d, WRITE e', 'READ d, WRITE e, READ g, READ h'],
    ['SHOW MEASUREMENTS ON d',                                                      'READ d',             'READ d'],
    ['SHOW MEASUREMENTS ON d WITH MEASUREMENT = e..m',                              'READ d',             'READ d, READ e'],
    ['SHOW SERIES FROM d..m',                                                       'READ',               'READ, READ d'],
    ['SHOW SERIES ON d FROM d..m, e..m',                                            'READ d',             'READ d, READ e'],
    ['SHOW FIELD KEYS FROM d..m',                                                   'READ',               'READ, READ d'],
    ['SHOW TAG KEYS ON d FROM m',                                                   'READ d',             'READ d'],
    ['SHOW TAG VALUES FROM d..m WITH KEY = k',                                      'READ',               'READ, READ d'],
    ['SHOW SERIES CARDINALITY ON d',                                                'READ d',             'READ d'],
    ['SHOW SERIES EXACT CARDINALITY ON d',                                          '',                   'READ d'],
    ['SHOW SERIES EXACT CARDINALITY ON d FROM m',                                   'READ',               'READ d'],
    ['SHOW MEASUREMENT CARDINALITY FROM e..m',                                      'READ',               'READ, READ e'],
    ['SHOW MEASUREMENT EXACT CARDINALITY ON d',                                     '',                   'READ d'],
    ['SHOW TAG KEY CARDINALITY',                                                    '',                   'READ'],
    ['SHOW TAG VALUES CARDINALITY ON d WITH KEY = k',                               '',                   'READ d'],
    ['SHOW FIELD KEY CARDINALITY ON d FROM e..m',                                   'READ e',             'READ d, READ e'],
  ])('%s', (query, influxdb, strict) => {
    expect(words(requiredPrivileges(statementOf(query)))).toBe(influxdb)
    expect(words(strictPrivileges(statementOf(query)))).toBe(strict)
  })
})

test.each([
  // query                                                                                        databases
  ['SELECT a INTO d..t FROM e..m, (SELECT a FROM f..m), d..n',                                    ['e', 'f', 'd']],
  ['SELECT a FROM m',                                                                             []],
  ['GRANT READ ON d TO u',                                                                        ['d']],
  ['CREATE DATABASE d',                                                                           ['d']],
  ['DROP USER u',                                                                                 []],
  ['DROP MEASUREMENT m',                                                                          []],
  ['ALTER RETENTION POLICY r ON d DEFAULT',                                                       ['d']],
  ['CREATE CONTINUOUS QUERY c ON d BEGIN SELECT f(a) INTO e..t FROM m GROUP BY time(1h) END',     ['d', 'e']],
  ['SHOW SERIES ON d FROM e..m',                                                                  ['d', 'e']],
])('the databases that a statement names: %s', (query, databases) => {
  expect(databasesOf(statementOf(query))).toEqual(databases)
})
