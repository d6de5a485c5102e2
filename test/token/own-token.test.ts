import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { isOwnToken } from '../../src/text/own-token-form.js'
import { digestOf, newOwnToken, newSubscriptionToken } from '../../src/token/own-token.js'

const HEX = 'a1'.repeat(32)

test.each([
  // says                    text                          expected
  ['64 digits',              `kapa1_${HEX}`,               true],
  ['no prefix',              HEX,                          false],
  ['another prefix',         `kapa2_${HEX}`,               false],
  ['a digit less',           `kapa1_${HEX.slice(1)}`,      false],
  ['a digit more',           `kapa1_${HEX}0`,              false],
  ['upper case',             `kapa1_${HEX.toUpperCase()}`, false],
  ['a line more',            `kapa1_${HEX}\n`,             false],
  ['text in front',          ` kapa1_${HEX}`,              false],
  ['nothing',                '',                           false],
])('the form of an own token: %s', (_says, text, expected) => {
  expect(isOwnToken(text)).toBe(expected)
})

test('a new token has the form, fits a Basic password, and its digest is SHA-256 of all of it', () => {
  const { token, digest } = newOwnToken()
  expect(isOwnToken(token)).toBe(true)
  expect(token.length).toBeLessThanOrEqual(72)
  expect(digest).toBe(createHash('sha256').update(token).digest('hex'))
  expect(digestOf(token)).toBe(digest)
  expect(newOwnToken().token).not.toBe(token)
})

test('a subscription token needs no escaping, and is not an own token', () => {
  const { token, digest } = newSubscriptionToken()
  expect(token).toMatch(/^[0-9a-f]{64}$/)
  expect(digest).toBe(digestOf(token))
  expect(isOwnToken(token)).toBe(false)
})
