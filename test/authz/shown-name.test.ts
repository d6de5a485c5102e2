import { expect, test } from 'vitest'
import { callerText } from '../../src/authz/shown-name.js'

test.each([
  // kind                    name            text
  [undefined,                'ann',          'user ann'],
  [undefined,                '_token:old',   'user _token:old'],
  ['token' as const,         '_token:1',     'token _token:1'],
  ['subscription' as const,  '_sub:1',       'subscription token _sub:1'],
  ['subject' as const,       'oidc:4711',    'subject oidc:4711'],
])('a caller of kind %s called %s is %j', (kind, name, text) => {
  expect(callerText({ kind, name })).toBe(text)
})
