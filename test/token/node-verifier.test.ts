import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createNodeVerifier } from '../../src/token/node-verifier.js'

const SECRET = 'the internal shared secret'
const NOW = 1_800_000_000
const isNodeToken = createNodeVerifier(SECRET, () => NOW * 1000)

function sign(claims: unknown, alg = 'HS512', secret = SECRET, hash = `sha${alg.slice(2)}`): string {
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const text = `${encode({ alg, typ: 'JWT' })}.${encode(claims)}`
  return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`
}

const exp = NOW + 300
const NODE = { username: '', exp }

describe('another node says HS512, no username, and until when', () => {
  test.each([
    // says                             token                                             expected
    ['as it should be',                 sign(NODE),                                       true],
    ['with what it need not say',       sign({ ...NODE, iat: NOW, nbf: NOW, x: 1 }),      true],
    ['a user’s token',                  sign({ ...NODE, username: 'ann' }),               false],
    ['one space is a user',             sign({ ...NODE, username: ' ' }),                 false],
    ['no username is not an empty one', sign({ exp }),                                    false],
    ['username null',                   sign({ ...NODE, username: null }),                false],
    ['username 0',                      sign({ ...NODE, username: 0 }),                   false],
    ['username false',                  sign({ ...NODE, username: false }),               false],
    ['username an empty list',          sign({ ...NODE, username: [] }),                  false],
    ['by HS256',                        sign(NODE, 'HS256'),                              false],
    ['by HS384',                        sign(NODE, 'HS384'),                              false],
    ['saying HS256, made by HS512',     sign(NODE, 'HS256', SECRET, 'sha512'),            false],
    ['alg none',                        sign(NODE, 'none', SECRET, 'sha512'),             false],
    ['alg RS512, HMAC signature',       sign(NODE, 'RS512'),                              false],
    ['another secret',                  sign(NODE, 'HS512', 'another internal secret'),   false],
    ['no secret',                       sign(NODE, 'HS512', ''),                          false],
    ['never expiring',                  sign({ username: '' }),                           false],
    ['exp 0',                           sign({ username: '', exp: 0 }),                   false],
    ['expired now',                     sign({ username: '', exp: NOW }),                 false],
    ['exp a text',                      sign({ username: '', exp: String(exp) }),         false],
    ['exp 1e308',                       sign({ username: '', exp: 1e308 }),               false],
    ['not yet valid',                   sign({ ...NODE, nbf: NOW + 1 }),                  false],
    ['issued in the future',            sign({ ...NODE, iat: NOW + 1 }),                  false],
    ['a list of it',                    sign([NODE]),                                     false],
    ['null',                            sign(null),                                       false],
    ['junk after it',                   `${sign(NODE)}x`,                                 false],
    ['padding after it',                `${sign(NODE)}==`,                                false],
    ['garbage',                         'garbage',                                        false],
    ['nothing',                         '',                                               false],
  ])('%s', async (_says, token, expected) => {
    expect(await isNodeToken(token)).toBe(expected)
  })
})

test('each check reads the clock anew', async () => {
  let now = NOW * 1000
  const isNodeTokenNow = createNodeVerifier(SECRET, () => now)
  expect(await isNodeTokenNow(sign(NODE))).toBe(true)
  now = exp * 1000
  expect(await isNodeTokenNow(sign(NODE))).toBe(false)
})

test.each(['', 'x', 'x'.repeat(15), 'é'.repeat(7)])('with the secret %j there is no verifier', (secret) => {
  expect(() => createNodeVerifier(secret)).toThrow(TypeError)
})
