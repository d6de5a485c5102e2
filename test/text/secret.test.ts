import { format, inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../src/text/secret.js'

const secret = new Secret('open sesame')

describe('a secret is printed by nothing', () => {
  test.each([
    ['a template',          `${secret}`],
    ['concatenation',       `a ${String(secret)}`],
    ['JSON.stringify',      JSON.stringify({ secret })],
    ['util.inspect',        inspect({ a: { b: [secret] } }, { depth: 9, showHidden: true })],
    ['inspect of getters',  inspect(secret, { getters: true, customInspect: false })],
    ['util.format',         format('%s %o %O %j', secret, secret, secret, secret)],
    ['Object.entries',      JSON.stringify(Object.entries(secret))],
    ['a spread',            inspect({ ...secret })],
    ['a structured clone',  inspect(structuredClone({ ...secret }))],
    ['an error',            String(new Error(`x ${secret}`))],
  ])('%s', (_says, printed) => {
    expect(printed).not.toContain('sesame')
  })
})

test('only reveal gives the text', () => {
  expect(secret.reveal()).toBe('open sesame')
  expect(String(secret)).toBe('***')
})

test('it cannot be changed', () => {
  expect(() => Object.assign(secret, { reveal: () => 'x' })).toThrow(TypeError)
})
