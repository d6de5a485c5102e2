// InfluxDB's own texts, in its order; recorded ones of a real server are in the replay.
import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import { createInfluxdbTokenVerifier } from '../../src/token/influxdb-token.js'

const SECRET = 'my super secret pass phrase'
const NOW = 1_700_000_000
const verify = createInfluxdbTokenVerifier(SECRET, () => NOW * 1000)

const encode = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const HASHES: Record<string, string> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' }

function token(claims: unknown, { alg = 'HS256', secret = SECRET, header = { alg } as unknown } = {}): string {
  const signed = `${encode(header)}.${encode(claims)}`
  return `${signed}.${createHmac(HASHES[alg] ?? 'sha256', secret).update(signed).digest('base64url')}`
}

async function result(text: string): Promise<string> {
  const answer = await verify(text)
  return answer instanceof AuthError ? answer.message : `${answer.username} until ${answer.expiresAt / 1000}`
}

const GOOD = { username: 'ann', exp: NOW + 60 }

test.each(['HS256', 'HS384', 'HS512'])('%s', async (alg) => {
  expect(await result(token(GOOD, { alg }))).toBe(`ann until ${NOW + 60}`)
})

test('padding at the end of a part is accepted', async () => {
  const [head, claims, signature] = token(GOOD).split('.')
  expect(await result(`${head}.${claims}.${signature}=`)).toBe(`ann until ${NOW + 60}`)
})

describe('refused', () => {
  test.each([
    // says                              token                                                           text
    ['two parts',                        'a.b',                                                          'token contains an invalid number of segments'],
    ['four parts',                       `${token(GOOD)}.x`,                                             'token contains an invalid number of segments'],
    ['empty',                            '',                                                             'token contains an invalid number of segments'],
    ['a header that is not base64',      '!!!.e30.x',                                                    'illegal base64 data at input byte 0'],
    ['a header that is not JSON',        `${encode('hello')}.e30.x`,                                     "invalid character 'h' looking for beginning of value"],
    ['claims that are a list',           token([]),                                                      'json: cannot unmarshal array into Go value of type jwt.MapClaims'],
    ['no algorithm',                     token(GOOD, { header: { typ: 'JWT' } }),                        'signing method (alg) is unspecified.'],
    ['the algorithm none',               token(GOOD, { header: { alg: 'none' } }),                       'unexpected signing method: none'],
    ['the algorithm None',               token(GOOD, { header: { alg: 'None' } }),                       'signing method (alg) is unavailable.'],
    ['a public-key algorithm',           token(GOOD, { header: { alg: 'RS256' } }),                      'unexpected signing method: RS256'],
    ['another secret',                   token(GOOD, { secret: 'another secret, as long' }),             'signature is invalid'],
    ['no signature',                     token(GOOD).replace(/[^.]*$/, ''),                              'signature is invalid'],
    ['another algorithm\'s signature',   token(GOOD, { alg: 'HS256', header: { alg: 'HS512' } }),        'signature is invalid'],
    ['expired',                          token({ ...GOOD, exp: NOW }),                                   'Token is expired'],
    ['expired, and a wrong signature',   token({ ...GOOD, exp: 1 }, { secret: 'another secret, as long' }), 'signature is invalid'],
    ['not valid yet',                    token({ ...GOOD, nbf: NOW + 5 }),                               'Token is not valid yet'],
    ['issued later',                     token({ ...GOOD, iat: NOW + 5 }),                               'Token used before issued'],
    ['expired and not valid yet',        token({ ...GOOD, exp: 1, nbf: NOW + 5 }),                       'Token is not valid yet'],
    ['no exp',                           token({ username: 'ann' }),                                     'token expiration required'],
    ['exp 0',                            token({ username: 'ann', exp: 0 }),                             'token expiration required'],
    ['an exp within the first second',   token({ username: 'ann', exp: 0.5 }),                           'Token is expired'],
    ['a negative exp',                   token({ username: 'ann', exp: -1 }),                            'Token is expired'],
    ['an exp that is a text',            token({ username: 'ann', exp: '4102444800' }),                  'token expiration required'],
    ['an exp in milliseconds',           token({ username: 'ann', exp: (NOW + 60) * 1000 }),             'token expiration is not a time'],
    ['no user name',                     token({ exp: NOW + 60 }),                                       'username in token must be a string'],
    ['an empty user name',               token({ ...GOOD, username: '' }),                               'token must contain a username'],
    ['null',                             token(null),                                                    'token expiration required'],
  ])('%s', async (_says, text, expected) => {
    expect(await result(text)).toBe(expected)
  })
})

test('a short secret is refused', () => {
  expect(() => createInfluxdbTokenVerifier('short')).toThrow(TypeError)
})
