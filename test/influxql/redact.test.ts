import { describe, expect, test } from 'vitest'
import { parseQuery } from '../../src/influxql/parse.js'
import { redactText } from '../../src/influxql/redact.js'

describe('no password is left in a text, right or wrong', () => {
  test.each([
    // text                                                                redacted
    ["CREATE USER u WITH PASSWORD 'sesame'",                               'CREATE USER u WITH PASSWORD [REDACTED]'],
    ["create user u with password 'sesame' with all privileges",           'create user u with password [REDACTED] with all privileges'],
    ["CREATE USER u WITH PASSWORD 'a sesame'; SHOW USERS",                 'CREATE USER u WITH PASSWORD [REDACTED]; SHOW USERS'],
    ["SET PASSWORD FOR u='sesame'",                                        'SET PASSWORD FOR u=[REDACTED]'],
    ["SET PASSWORD FOR u = 'open''sesame'",                                'SET PASSWORD FOR u = [REDACTED][REDACTED]'],
    ["SET PASSWORD FOR u = 'it's sesame'",                                 'SET PASSWORD FOR u = [REDACTED][REDACTED]'],
    ['CREATE USER u WITH PASSWORD "sesame"',                               'CREATE USER u WITH PASSWORD [REDACTED]'],
    ['CREATE USER u WITH PASSWORD sesame street; SHOW USERS',              'CREATE USER u WITH PASSWORD [REDACTED]'],
    ["CREATE USER u WITH PASWORD 'x' sesame",                              'CREATE USER u WITH [REDACTED]'],
    ['CREATE USER u PASSWORD sesame',                                      'CREATE USER u [REDACTED]'],
    ["CREATE USER u WITH PASSWORD 'x\\sesame' WITH ALL PRIVILEGES",        'CREATE USER u WITH PASSWORD [REDACTED]'],
    ["CREATE USER u WITH PASSWORD 'sesame\nstreet'",                       'CREATE USER u WITH PASSWORD [REDACTED]'],
    ["CREATE USER u WITH PASSWORD 'x' WITH sesame",                        'CREATE USER u WITH PASSWORD [REDACTED] WITH [REDACTED]'],
    ['SET PASSWORD FOR u = sesame',                                        'SET PASSWORD FOR u = [REDACTED]'],
    ['SET PASSWORD u sesame',                                              'SET PASSWORD [REDACTED]'],
    ['SET sesame',                                                         'SET [REDACTED]'],
    ['CHANGE USER u PASSWORD = sesame',                                    'CHANGE USER u [REDACTED]'],
    ["ALTER USER u WITH 'sesame'",                                         'ALTER USER u WITH [REDACTED]'],
    ["SHOW USERS -- 'sesame'",                                             'SHOW USERS  '],
    ["SHOW USERS /* it's sesame */; SHOW",                                 'SHOW USERS  ; SHOW'],
    ['SELECT a FROM m WHERE',                                              'SELECT a FROM m WHERE'],
    ["SELECT a FROM m WHERE b = 'sesame",                                  'SELECT a FROM m WHERE b = [REDACTED]'],
    ['',                                                                   ''],
  ])('%j', (text, redacted) => {
    expect(redactText(text)).toBe(redacted)
    expect(redacted).not.toContain('sesame')
  })
})

describe('an error shows what it found to the caller only', () => {
  test.each([
    // text                                                      for logs
    ['CREATE USER u WITH PASSWORD "sesame"',                     'found [REDACTED], expected string at line 1, char 29'],
    ['CREATE USER u WITH PASSWORD sesame',                       'found [REDACTED], expected string at line 1, char 29'],
    ["SET PASSWORD FOR u = 'a' sesame",                          'found [REDACTED], expected ; at line 1, char 26'],
    ["SET PASSWORD FOR u 'sesame'",                              'found [REDACTED], expected = at line 1, char 19'],
    ["CREATE USER u WITH PASSWORD 'a'; SHOW sesame",             undefined],
    ["ALTER USER 'sesame'",                                      'found USER, expected RETENTION at line 1, char 7'],
    ["SHOW 'sesame'",                                            undefined],
    ['CREATE USER u WITH PASSWORD',                              'found EOF, expected string at line 1, char 29'],
  ])('%j', (text, forLogs) => {
    const { error } = parseQuery(text)
    if (forLogs !== undefined) expect(error?.redacted).toBe(forLogs)
    expect(error?.redacted).not.toContain('sesame')
  })
})
