import { expect, test } from 'vitest'
import { createNamePattern } from '../../../src/gateway/kapacitor/users/name-pattern.js'

test.each([
  // pattern      name             fits
  ['',            'bob',           true],
  ['bob',         'bob',           true],
  ['bob',         'bobby',         false],
  ['bob',         'bo',            false],
  ['b*',          'bob',           true],
  ['*b',          'bob',           true],
  ['*',           'bob',           true],
  ['*',           'a/b',           false],
  ['*/*',         'a/b',           true],
  ['a*b*c',       'aXbYbZc',       true],
  ['a*b*c',       'aXbYbZ',        false],
  ['a*/b*d',      'ax/by/d',       false],
  ['**b**',       'aba',           true],
  ['b?b',         'bob',           true],
  ['b?b',         'b/b',           false],
  ['b?b',         'bb',            false],
  ['?',           '😀',            true],
  ['_sub:*',      '_sub:0190',     true],
  ['[a-c]ob',     'bob',           true],
  ['[a-c]ob',     'dob',           false],
  ['[^a-c]ob',    'dob',           true],
  ['[^a-c]ob',    'bob',           false],
  ['[xb]ob',      'bob',           true],
  ['[\\]]x',      ']x',            true],
  ['[\\-]x',      '-x',            true],
  ['\\*',         '*',             true],
  ['\\*',         'bob',           false],
  ['a\\',         'a',             false],
  ['[',           'a',             false],
  ['[]',          'a',             false],
  ['[]a]',        'a',             false],
  ['[-a]',        'a',             false],
  ['[a-]',        'a',             false],
  ['[a',          'a',             false],
  ['{bob,ann}',   'bob',           false],
])('%j and %j: %s', (pattern, name, fits) => {
  expect(createNamePattern(pattern)(name)).toBe(fits)
})

test('a pattern of many stars ends', () => {
  expect(createNamePattern(`${'*a'.repeat(120)}b`)('a'.repeat(255))).toBe(false) // tried one by one, that would be 2^120 ways
})
