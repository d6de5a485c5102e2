import { expect, test } from 'vitest'
import { parseAccountKey, roleKey, subjectKey, subscriptionKey, tokenKey } from '../../src/authn/directory/account-key.js'

test.each([
  // says                           key                                     stands for
  ['a local user',                  'ann',                                  { kind: 'user', name: 'ann' }],
  ['a name like a shown subject',   'oidc:ann',                             { kind: 'user', name: 'oidc:ann' }],
  ['no name at all',                '',                                     { kind: 'user', name: '' }],
  ['an own token',                  tokenKey('ab12'),                       { kind: 'token', digest: 'ab12' }],
  ['a subscription token',          subscriptionKey('ab12'),                { kind: 'subscription', digest: 'ab12' }],
  ['a subject',                     subjectKey('ann'),                      { kind: 'subject', subject: 'ann', roles: [] }],
  ['a subject with roles',          subjectKey('auth0|"1"', ['b', 'a']),    { kind: 'subject', subject: 'auth0|"1"', roles: ['a', 'b'] }],
  ['a role',                        roleKey('ops'),                         { kind: 'role', name: 'ops' }],
])('%s', (_says, key, expected) => {
  expect(parseAccountKey(key)).toEqual(expected)
})

test('a subject has one key, whichever order its roles come in and however often', () => {
  expect(subjectKey('ann', ['b', 'a', 'b'])).toBe(subjectKey('ann', ['a', 'b']))
  expect(subjectKey('ann', ['a,b'])).not.toBe(subjectKey('ann', ['a', 'b']))
  expect(subjectKey('["ann","a"]')).not.toBe(subjectKey('ann', ['a']))
})

test('no key but a local user\'s is a name that credentials may hold', () => {
  for (const key of [tokenKey('a'), subscriptionKey('a'), subjectKey('a'), roleKey('a')]) expect(key).toMatch(/^\0/)
})
