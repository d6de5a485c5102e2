import { expect, test } from 'vitest'
import { parseAccountKey, roleKey, subjectKey, subscriptionKey, tokenKey } from '../../src/authn/directory/account-key.js'

const ISSUER = 'https://id.example/'
const subject = (subject: string, roles: string[] = []) => subjectKey({ issuer: ISSUER, subject, roles })

test.each([
  // says                           key                                     stands for
  ['a local user',                  'ann',                                  { kind: 'user', name: 'ann' }],
  ['a name like a shown subject',   'oidc:ann',                             { kind: 'user', name: 'oidc:ann' }],
  ['no name at all',                '',                                     { kind: 'user', name: '' }],
  ['an own token',                  tokenKey('ab12'),                       { kind: 'token', digest: 'ab12' }],
  ['a subscription token',          subscriptionKey('ab12'),                { kind: 'subscription', digest: 'ab12' }],
  ['a subject',                     subject('ann'),                         { kind: 'subject', issuer: ISSUER, subject: 'ann', roles: [] }],
  ['a subject with roles',          subject('auth0|"1"', ['b', 'a']),       { kind: 'subject', issuer: ISSUER, subject: 'auth0|"1"', roles: ['a', 'b'] }],
  ['a role',                        roleKey('ops'),                         { kind: 'role', name: 'ops' }],
])('%s', (_says, key, expected) => {
  expect(parseAccountKey(key)).toEqual(expected)
})

test('a subject has one key, whichever order its roles come in and however often', () => {
  expect(subject('ann', ['b', 'a', 'b'])).toBe(subject('ann', ['a', 'b']))
  expect(subject('ann', ['a,b'])).not.toBe(subject('ann', ['a', 'b']))
  expect(subjectKey({ issuer: 'https://other/', subject: 'ann', roles: [] })).not.toBe(subject('ann'))
  expect(subject('["ann","a"]')).not.toBe(subject('ann', ['a']))
})

test('no key but a local user\'s is a name that credentials may hold', () => {
  for (const key of [tokenKey('a'), subscriptionKey('a'), subject('a'), roleKey('a')]) expect(key).toMatch(/^\0/)
})
