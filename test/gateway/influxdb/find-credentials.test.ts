import { describe, expect, test } from 'vitest'
import { AuthError } from '../../../src/errors.js'
import { findInfluxdbCredentials, parseInfluxdbAuthorization } from '../../../src/gateway/influxdb/credentials/find-credentials.js'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const BASIC = `Basic ${base64('ann:pw')}`

/** What is found, in a line: the user and the password, the token, or the refusal. */
function found(target: string, header?: string): string {
  const rawHeaders = header === undefined ? [] : ['Authorization', header]
  const first = findInfluxdbCredentials(rawHeaders, target)
  const credentials = typeof first === 'string' ? parseInfluxdbAuthorization(first) : first
  if (credentials instanceof AuthError) return `${credentials.status} ${credentials.message}`
  return credentials.kind === 'password' ? `${credentials.name}:${credentials.password}` : `${credentials.kind} ${credentials.token}`
}

const NONE = '401 unable to parse authentication credentials'
const WRONG = '401 authorization failed'

describe('the first match wins', () => {
  test.each([
    // target                       header              found
    ['/query?u=bob&p=secret',       BASIC,              'bob:secret'],
    ['/query?u=bob&p=',             BASIC,              'ann:pw'],
    ['/query?u=&p=x',               BASIC,              'ann:pw'],
    ['/query?u=bob',                BASIC,              'ann:pw'],
    ['/query?U=bob&P=x',            BASIC,              'ann:pw'],
    ['/query?u=bob&u=x&p=y&p=z',    BASIC,              'bob:y'],
    ['/query?%75=bob&p=a+b%21',     undefined,          'bob:a b!'],
    ['/query?u=bob&p=a;b',          BASIC,              'ann:pw'],
    ['/query?u=bob&p=%zz',          BASIC,              'ann:pw'],
    [`/query?u=bob&p=${'x'.repeat(73)}`, BASIC,         WRONG],
    ['/query',                      BASIC,              'ann:pw'],
    ['/query',                      undefined,          NONE],
  ])('%s', (target, header, expected) => {
    expect(found(target, header)).toBe(expected)
  })
})

test('of several headers the first counts', () => {
  expect(findInfluxdbCredentials(['authorization', 'a', 'Authorization', 'b'], '/query')).toBe('a')
})

test.each([
  // header                                   found
  [`basic ${base64('ann:pw')}`,               'ann:pw'],
  [`BASIC ${base64('ann:p:w')}`,              'ann:p:w'],
  [`Basic ${base64(':pw')}`,                  '401 username required'],
  [`Basic ${base64('ann')}`,                  NONE],
  [`Basic  ${base64('ann:pw')}`,              NONE],
  [`Basic ${base64('a:b').replace(/=+$/, '')}!`, NONE],
  ['Basic',                                   NONE],
  [base64('ann:pw'),                          NONE],
  ['',                                        NONE],
  ['Digest username="ann"',                   NONE],
  ['Bearer a.b.c',                            'bearer a.b.c'],
  ['bearer a.b.c',                            NONE],
  ['Bearer a.b.c x',                          NONE],
  ['Bearer  a.b.c',                           NONE],
  ['Token ann:pw',                            'ann:pw'],
  ['Token ann:p:w',                           'ann:p:w'],
  ['Token annpw',                             NONE],
  ['Token ann:p w',                           NONE],
  ['token ann:pw',                            NONE],
  ['Token :pw',                               '401 username required'],
  [`Token ${Buffer.from('änn:pw').toString('latin1')}`, 'änn:pw'],
  ['Token \xff:pw',                           WRONG],
  [`Basic ${base64('~subscriber:abc')}`,      WRONG],
])('%j', (header, expected) => {
  expect(found('/query', header)).toBe(expected)
})
