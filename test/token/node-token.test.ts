import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import { createNodeToken } from '../../src/token/node-token.js'

const SECRET = 'a secret among meta nodes'
const START = Date.parse('2026-11-22T10:00:00.900Z')

function source() {
  let time = START
  return { token: createNodeToken(SECRET, () => time), at: (ms: number) => { time = START + ms } }
}

test('says what nodes of a cluster say to each other, and nothing else', async () => {
  const token = await source().token()
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS512', typ: 'JWT' })
  expect(decodeJwt(token)).toEqual({ username: '', exp: Math.floor(START / 1000) + 300 })
})

test('is signed with the secret', async () => {
  const token = await source().token()
  const check = (secret: string) => jwtVerify(token, Buffer.from(secret), { currentDate: new Date(START) })
  await expect(check(SECRET)).resolves.toBeDefined()
  await expect(check(`${SECRET} `)).rejects.toThrow('signature')
})

test.each([
  // says                                  at (ms)    the same
  ['at once',                              0,         true],
  ['when more than a minute is left',      239_000,   true],
  ['when a minute is left',                239_100,   false],
  ['when it has expired',                  300_000,   false],
  ['when the clock was set back a little', -1_000,    false],
  ['when the clock was set back a lot',    -1e10,     false],
])('a token is used again: %s', async (_says, ms, same) => {
  const { token, at } = source()
  const first = await token()
  at(ms)
  const second = await token()
  expect(second === first).toBe(same)
  expect((decodeJwt(second).exp as number) * 1000 - (START + ms)).toBeLessThanOrEqual(300_000)
})

test('many at one moment are signed once', async () => {
  const { token } = source()
  expect(new Set(await Promise.all(Array.from({ length: 20 }, () => token()))).size).toBe(1)
})

test('an empty secret is refused', () => {
  expect(() => createNodeToken('')).toThrow(new TypeError('secret must not be empty'))
})
