import { createHmac } from 'node:crypto'
import { SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import { createTokenVerifier } from '../../src/token/shared-secret.js'

const SECRET = 'a secret that is shared'
const NOW = 1_800_000_000
const verifyToken = createTokenVerifier(SECRET, () => NOW * 1000)

/** Signed by another implementation than the one under test. */
function sign(claims: unknown, alg = 'HS256', secret = SECRET): string {
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const text = `${encode({ alg, typ: 'JWT' })}.${encode(claims)}`
  return `${text}.${createHmac(`sha${alg.slice(2)}`, secret).update(text).digest('base64url')}`
}

const exp = NOW + 60

describe('a good token names its user, and until when', () => {
  test.each([
    // says                       claims                                        expected
    ['as it should be',           { username: 'ann', exp },                     { username: 'ann', expiresAt: exp * 1000 }],
    ['with a fraction',           { username: 'ann', exp: exp + 0.5 },          { username: 'ann', expiresAt: exp * 1000 + 500 }],
    ['beyond ASCII',              { username: 'josé🔑', exp },                  { username: 'josé🔑', expiresAt: exp * 1000 }],
    ['one space is a name',       { username: ' ', exp },                       { username: ' ', expiresAt: exp * 1000 }],
    ['__proto__ is a name',       { username: '__proto__', exp },               { username: '__proto__', expiresAt: exp * 1000 }],
    ['other claims are ignored',  { username: 'ann', exp, admin: true, aud: [] }, { username: 'ann', expiresAt: exp * 1000 }],
    ['valid and issued by now',   { username: 'ann', exp, nbf: NOW, iat: NOW }, { username: 'ann', expiresAt: exp * 1000 }],
  ])('%s', async (_says, claims, expected) => {
    expect(await verifyToken(sign(claims))).toEqual(expected)
  })

  test.each(['HS256', 'HS384', 'HS512'])('by %s', async (alg) => {
    expect(await verifyToken(sign({ username: 'ann', exp }, alg))).toMatchObject({ username: 'ann' })
  })

  test('what jose signs is read too', async () => {
    const token = await new SignJWT({ username: 'ann' })
      .setProtectedHeader({ alg: 'HS384' }).setIssuedAt(NOW).setExpirationTime(exp).sign(Buffer.from(SECRET))
    expect(await verifyToken(token)).toEqual({ username: 'ann', expiresAt: exp * 1000 })
  })
})

describe('any other is refused, in Kapacitor’s words', () => {
  const MISSING = 'token expiration required'
  const NO_STRING = 'username in token must be a string'
  const NO_NAME = 'token must contain a username'
  const INVALID = expect.stringMatching(/^invalid token: /)

  test.each([
    // says                          claims                                      message
    ['no exp',                       { username: 'ann' },                        MISSING],
    ['exp 0',                        { username: 'ann', exp: 0 },                MISSING],
    ['neither',                      {},                                         MISSING],
    ['no claims at all',             null,                                       MISSING],
    ['no username',                  { exp },                                    NO_STRING],
    ['only a subject',               { exp, sub: 'ann' },                        NO_STRING],
    ['the name under another name',  { exp, Username: 'ann' },                   NO_STRING],
    ['username null',                { exp, username: null },                    NO_STRING],
    ['username a number',            { exp, username: 7 },                       NO_STRING],
    ['username true',                { exp, username: true },                    NO_STRING],
    ['username a list',              { exp, username: ['ann'] },                 NO_STRING],
    ['username an object',           { exp, username: { toString: 'ann' } },     NO_STRING],
    ['username empty',               { exp, username: '' },                      NO_NAME],
    ['expired',                      { username: 'ann', exp: NOW },              INVALID],
    ['expired, and nobody’s',        { exp: 1 },                                 INVALID],
    ['exp a text',                   { username: 'ann', exp: String(exp) },      INVALID],
    ['exp true',                     { username: 'ann', exp: true },             INVALID],
    ['exp 1e308',                    { username: 'ann', exp: 1e308 },            INVALID],
    ['exp negative',                 { username: 'ann', exp: -exp },             INVALID],
    ['nbf in the future',            { username: 'ann', exp, nbf: NOW + 1 },     INVALID],
    ['nbf a text',                   { username: 'ann', exp, nbf: '0' },         INVALID],
    ['iat in the future',            { username: 'ann', exp, iat: NOW + 1 },     INVALID],
    ['iat a text',                   { username: 'ann', exp, iat: '0' },         INVALID],
    ['a list',                       [{ username: 'ann', exp }],                 INVALID],
  ])('%s', async (_says, claims, message) => {
    const refusal = await verifyToken(sign(claims))
    expect(refusal).toBeInstanceOf(AuthError)
    expect(refusal).toMatchObject({ code: 'ERR_TOKEN_INVALID', status: 401, message })
  })

  test.each([
    // says                     token
    ['another secret',          sign({ username: 'ann', exp }, 'HS256', 'another secret, as long')],
    ['no secret',               sign({ username: 'ann', exp }, 'HS256', '')],
    ['not a token',             'garbage'],
    ['nothing',                 ''],
  ])('%s', async (_says, token) => {
    expect(await verifyToken(token)).toMatchObject({ code: 'ERR_TOKEN_INVALID', message: INVALID })
  })
})

test('each check reads the clock anew', async () => {
  let now = NOW * 1000
  const verifyLater = createTokenVerifier(SECRET, () => now)
  const token = sign({ username: 'ann', exp })
  expect(await verifyLater(token)).toMatchObject({ username: 'ann' })
  now = exp * 1000 - 1
  expect(await verifyLater(token)).toMatchObject({ username: 'ann' })
  now = exp * 1000
  expect(await verifyLater(token)).toMatchObject({ code: 'ERR_TOKEN_INVALID' })
})

test('two verifiers with two secrets have nothing in common', async () => {
  const other = createTokenVerifier('the secret of another', () => NOW * 1000)
  const token = sign({ username: 'ann', exp })
  expect(await verifyToken(token)).toMatchObject({ username: 'ann' })
  expect(await other(token)).toBeInstanceOf(AuthError)
})

test.each(['', 'x', 'x'.repeat(15), 'é'.repeat(7)])('with the secret %j there is no verifier', (secret) => {
  expect(() => createTokenVerifier(secret)).toThrow(TypeError)
})
