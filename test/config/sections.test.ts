import { describe, expect, test } from 'vitest'
import { camelCase } from '../../src/config/config.js'
import { check } from '../../src/config/kinds/kind.js'
import { isInDataDirectory } from '../../src/config/sections/section-key.js'
import { eachKey, findKey, isSectionName } from '../../src/config/sections/sections.js'

describe('every key of the table', () => {
  test.each([...eachKey()].map((entry) => [entry.id, entry] as const))('%s', (_id, { name, key }) => {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(key.help).toMatch(/^[A-Z].*\.$/)
    expect(key.kind.expected).toMatch(/^[a-z].*[^.]$/)
    if (!isInDataDirectory(key.default)) expect(check(key.kind, key.default, false).ok).toBe(true)
  })
})

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'Auth'])('%j is neither a section nor a key', (name) => {
  expect(isSectionName(name)).toBe(false)
  expect(findKey('auth', name)).toBeUndefined()
})

test.each([
  ['dir',                          'dir'],
  ['meta-addr',                    'metaAddr'],
  ['meta-insecure-skip-verify',    'metaInsecureSkipVerify'],
])('%s is called %s in a program', (name, camel) => {
  expect(camelCase(name)).toBe(camel)
})
