import { describe, expect, test } from 'vitest'
import { parseQuery } from '../../src/influxql/parse.js'
import { printRedacted, printStatement } from '../../src/influxql/print.js'

/** The statements of a query, printed. */
function printed(query: string): readonly string[] | string {
  const { statements, error } = parseQuery(query)
  return statements === undefined ? error.message : statements.map(printStatement)
}

describe('each kind of statement is printed in its canonical form, and parsed to the same again', () => {
  test.each([
    // query                                                                     canonical
    ['select * from cpu',                                                        'SELECT * FROM cpu'],
    ['SELECT a,b  AS "select" FROM "cpu"',                                       'SELECT a, b AS "select" FROM cpu'],
    ['SELECT mean("value") FROM db1."autogen".cpu WHERE time>now()-1h GROUP BY time(10m),host fill(none)',
      'SELECT mean(value) FROM db1.autogen.cpu WHERE time > now() - 1h GROUP BY time(10m), host fill(none)'],
    ['SELECT a FROM (SELECT b FROM db2..m LIMIT 1) ORDER BY time DESC LIMIT 5 OFFSET 2 SLIMIT 3 SOFFSET 4',
      'SELECT a FROM (SELECT b FROM db2..m LIMIT 1) ORDER BY time DESC LIMIT 5 OFFSET 2 SLIMIT 3 SOFFSET 4'],
    ['SELECT /usage_.*/, *::tag FROM rp./^c\\/pu$/ WHERE host =~ /a|b/ AND x!~/c/',
      'SELECT /usage_.*/, *::tag FROM rp./^c\\/pu$/ WHERE host =~ /a|b/ AND x !~ /c/'],
    ['SELECT v::float, -v, 2*(3+w)%4 FROM m fill(-1) TZ(\'Europe/Berlin\')', 'SELECT v::float, -1 * v, 2 * (3 + w) % 4 FROM m fill(-1) TZ(\'Europe/Berlin\')'],
    ['SELECT DISTINCT a FROM m WHERE b <> 1.5 AND c = true OR d = \'x\'',        "SELECT DISTINCT a FROM m WHERE b != 1.500 AND c = true OR d = 'x'"],
    ['SELECT mean(v) INTO db2.rp.:MEASUREMENT FROM /.*/ GROUP BY time(90m), *',  'SELECT mean(v) INTO db2.rp.:MEASUREMENT FROM /.*/ GROUP BY time(90m), *'],
    ['EXPLAIN ANALYZE SELECT a FROM m',                                          'EXPLAIN ANALYZE SELECT a FROM m'],
    ['DELETE FROM m WHERE time < \'2020-01-01\'',                                "DELETE FROM m WHERE time < '2020-01-01'"],
    ['DROP SERIES WHERE host=\'a\'',                                             "DROP SERIES WHERE host = 'a'"],
    ['CREATE DATABASE d WITH DURATION 1d REPLICATION 1 SHARD DURATION 30m NAME r', 'CREATE DATABASE d WITH DURATION 24h0m0s REPLICATION 1 SHARD DURATION 30m0s NAME r'],
    ['CREATE RETENTION POLICY r ON d DURATION INF REPLICATION 2 SHARD DURATION 7d DEFAULT', 'CREATE RETENTION POLICY r ON d DURATION 0s REPLICATION 2 SHARD DURATION 1w DEFAULT'],
    ['ALTER RETENTION POLICY DEFAULT ON d DEFAULT DURATION 60m',                 'ALTER RETENTION POLICY "default" ON d DURATION 1h DEFAULT'],
    ['CREATE CONTINUOUS QUERY c ON d RESAMPLE EVERY 1h FOR 2h BEGIN SELECT mean(v) INTO t FROM m GROUP BY time(30m) END',
      'CREATE CONTINUOUS QUERY c ON d RESAMPLE EVERY 1h FOR 2h BEGIN SELECT mean(v) INTO t FROM m GROUP BY time(30m) END'],
    ['CREATE SUBSCRIPTION s ON d.r DESTINATIONS ANY \'udp://a\',\'udp://b\'',    "CREATE SUBSCRIPTION s ON d.r DESTINATIONS ANY 'udp://a', 'udp://b'"],
    ['CREATE USER "a b" WITH PASSWORD \'it\\\'s\' WITH ALL PRIVILEGES',          'CREATE USER "a b" WITH PASSWORD \'it\\\'s\' WITH ALL PRIVILEGES'],
    ['SET PASSWORD FOR a=\'x\'',                                                 "SET PASSWORD FOR a = 'x'"],
    ['GRANT ALL ON d TO u',                                                      'GRANT ALL PRIVILEGES ON d TO u'],
    ['GRANT ALL TO u',                                                           'GRANT ALL PRIVILEGES TO u'],
    ['REVOKE READ ON d FROM u',                                                  'REVOKE READ ON d FROM u'],
    ['REVOKE ALL PRIVILEGES FROM u',                                             'REVOKE ALL PRIVILEGES FROM u'],
    ['DROP USER u',                                                              'DROP USER u'],
    ['DROP DATABASE d',                                                          'DROP DATABASE d'],
    ['DROP MEASUREMENT "m 1"',                                                   'DROP MEASUREMENT "m 1"'],
    ['DROP CONTINUOUS QUERY c ON d',                                             'DROP CONTINUOUS QUERY c ON d'],
    ['DROP RETENTION POLICY r ON d',                                             'DROP RETENTION POLICY r ON d'],
    ['DROP SUBSCRIPTION s ON d.r',                                               'DROP SUBSCRIPTION s ON d.r'],
    ['DROP SHARD 18446744073709551615',                                          'DROP SHARD 18446744073709551615'],
    ['KILL QUERY 36 ON "host:8088"',                                             'KILL QUERY 36 ON "host:8088"'],
    ['SHOW DATABASES',                                                           'SHOW DATABASES'],
    ['SHOW USERS',                                                               'SHOW USERS'],
    ['SHOW GRANTS FOR u',                                                        'SHOW GRANTS FOR u'],
    ['SHOW QUERIES',                                                             'SHOW QUERIES'],
    ['SHOW CONTINUOUS QUERIES',                                                  'SHOW CONTINUOUS QUERIES'],
    ['SHOW SUBSCRIPTIONS',                                                       'SHOW SUBSCRIPTIONS'],
    ['SHOW SHARDS',                                                              'SHOW SHARDS'],
    ['SHOW SHARD GROUPS',                                                        'SHOW SHARD GROUPS'],
    ['SHOW STATS FOR \'indexes\'',                                               "SHOW STATS FOR 'indexes'"],
    ['SHOW DIAGNOSTICS',                                                         'SHOW DIAGNOSTICS'],
    ['SHOW RETENTION POLICIES ON d',                                             'SHOW RETENTION POLICIES ON d'],
    ['SHOW MEASUREMENTS ON d WITH MEASUREMENT =~ /h2o.*/ LIMIT 2',               'SHOW MEASUREMENTS ON d WITH MEASUREMENT =~ /h2o.*/ LIMIT 2'],
    ['SHOW SERIES ON d FROM m WHERE host=\'a\' LIMIT 1 OFFSET 2',                "SHOW SERIES ON d FROM m WHERE host = 'a' LIMIT 1 OFFSET 2"],
    ['SHOW TAG KEYS FROM m SLIMIT 1',                                            'SHOW TAG KEYS FROM m SLIMIT 1'],
    ['SHOW TAG VALUES WITH KEY IN (a,"b c")',                                    'SHOW TAG VALUES WITH KEY IN (a, "b c")'],
    ['SHOW FIELD KEYS ON d FROM m',                                              'SHOW FIELD KEYS ON d FROM m'],
    ['SHOW SERIES EXACT CARDINALITY ON d',                                       'SHOW SERIES EXACT CARDINALITY ON d'],
    ['SHOW MEASUREMENT CARDINALITY',                                             'SHOW MEASUREMENT CARDINALITY'],
    ['SHOW TAG KEY EXACT CARDINALITY FROM m',                                    'SHOW TAG KEY EXACT CARDINALITY FROM m'],
    ['SHOW TAG VALUES CARDINALITY WITH KEY !~ /x/ GROUP BY y',                   'SHOW TAG VALUES CARDINALITY WITH KEY !~ /x/ GROUP BY y'],
    ['SHOW FIELD KEY CARDINALITY',                                               'SHOW FIELD KEY CARDINALITY'],
  ])('%s', (query, canonical) => {
    expect(printed(query)).toEqual([canonical])
    expect(parseQuery(canonical)).toEqual(parseQuery(query))
  })
})

describe('where InfluxDB would print another statement, or none, the same one is printed', () => {
  test.each([
    // says                                       query                                          canonical
    ['more than three digits',                    'SELECT a FROM m WHERE b > 0.0001',            'SELECT a FROM m WHERE b > 0.0001'],
    ['a sign behind a division',                  'SELECT a / -b FROM m',                        'SELECT a / -b FROM m'],
    ['a sign behind a product, and a call',       'SELECT a * - "distinct"(b) FROM m',           'SELECT a * -"distinct"(b) FROM m'],
    ['the name of a function',                    'SELECT "a; DROP DATABASE d; --"(b) FROM m',   'SELECT "a; drop database d; --"(b) FROM m'],
    ['a distinct name',                           'SELECT DISTINCT "a, b FROM c; --" FROM m',    'SELECT DISTINCT "a, b FROM c; --" FROM m'],
    ['the database of SHOW MEASUREMENTS',         'SHOW MEASUREMENTS ON "d; DROP DATABASE d"',   'SHOW MEASUREMENTS ON "d; DROP DATABASE d"'],
    ['a duration with a fraction of a second',    'CREATE DATABASE d WITH DURATION 1500ms',      'CREATE DATABASE d WITH DURATION 1500ms'],
    ['no option but one that says nothing',       'CREATE DATABASE d WITH SHARD DURATION INF',   'CREATE DATABASE d WITH SHARD DURATION 0s'],
    ['a whole number with a point to fill with',  'SELECT f(a) FROM m GROUP BY time(1m) fill(1.0)', 'SELECT f(a) FROM m GROUP BY time(1m) fill(1.000)'],
    ['an empty name',                             'SELECT a FROM ""',                            'SELECT a FROM ""'],
    ['a target without a name',                   'SELECT a INTO "" FROM m',                     'SELECT a INTO "" FROM m'],
  ])('%s', (_says, query, canonical) => {
    expect(printed(query)).toEqual([canonical])
    expect(parseQuery(canonical)).toEqual(parseQuery(query))
  })
})

test.each([
  // password     sent                       shown
  ["it's",        "'it\\'s'",                '[REDACTED]'],
  ['a\\b"\n',     "'a\\\\b\"\\n'",           '[REDACTED]'],
  ['',            "''",                      '[REDACTED]'],
])('a password is sent as it is, and shown to nobody: %j', (password, sent, shown) => {
  const user = { kind: 'CREATE USER', name: 'u', password, admin: false } as const
  const change = { kind: 'SET PASSWORD', name: 'u', password } as const
  expect(printStatement(user)).toBe(`CREATE USER u WITH PASSWORD ${sent}`)
  expect(printStatement(change)).toBe(`SET PASSWORD FOR u = ${sent}`)
  expect(printRedacted(user)).toBe(`CREATE USER u WITH PASSWORD ${shown}`)
  expect(printRedacted(change)).toBe(`SET PASSWORD FOR u = ${shown}`)
  expect(parseQuery(printStatement(user)).statements).toEqual([user])
})
