import { afterEach, beforeEach, expect, test } from 'vitest'
import { createCredentialCache } from '../../src/authn/cache/credential-cache.js'
import { createAccount } from '../../src/authn/directory/account.js'
import { roleKey, subscriptionKey, tokenKey } from '../../src/authn/directory/account-key.js'
import type { Account, Directory } from '../../src/authn/directory/directory.js'
import { createSubscriptionAccount, createTokenAccount } from '../../src/authn/directory/token-account.js'
import { createAccountInspector } from '../../src/authn/inspect-accounts.js'
import { createSubjectList } from '../../src/authn/subjects/subject-list.js'
import { createSubjects } from '../../src/authn/subjects/subjects.js'
import { withSubjects } from '../../src/authn/subjects/with-subjects.js'

const [ANNS, MIAS, SUBSCRIBED] = [tokenKey('a'), tokenKey('b'), subscriptionKey('d')]
const MIA = { kind: 'subject', issuer: 'https://idp', subject: 'mia' } as const
const API = new Map([['', new Set(['KapacitorAPI' as const])]])
const ACCOUNTS = new Map<string, Account>([
  ['ann', createAccount('ann', '', API)],
  [ANNS, createTokenAccount({ id: '1', digest: 'a', owner: { kind: 'user', name: 'ann' }, permissions: API })],
  [MIAS, createTokenAccount({ id: '2', digest: 'b', owner: MIA, permissions: API })],
  [SUBSCRIBED, createSubscriptionAccount({ id: '1', digest: 'd', database: 'db', policy: 'rp' })],
])

let down: boolean
let asked: [string, boolean | undefined][]
let cache: ReturnType<typeof createCredentialCache>
let inspector: ReturnType<typeof createAccountInspector>

beforeEach(() => {
  ;[down, asked] = [false, []]
  const listed = createSubjects(createSubjectList({ admins: ['mia'] }))
  const directory: Directory = {
    async find(key, isPeek) {
      asked.push([key, isPeek])
      if (down) throw new Error('down')
      return key === tokenKey('e') ? { id: '5', reason: 'revoked' } : ACCOUNTS.get(key)
    },
    keyOf: async (name) => (name === '_token:1' ? ANNS : undefined),
    checkPassword: async () => false,
  }
  const known = withSubjects(directory, { ...listed, issuers: async () => ['https://idp'] })
  cache = createCredentialCache(known)
  inspector = createAccountInspector(known, cache)
})
afterEach(() => cache.close())

test.each([
  // says                          key          is it a peek  is it remembered
  ['a local user',                 'ann',       undefined,    true],
  ["a local user's token",         ANNS,        true,         false],
  ["a subject's token",            MIAS,        true,         false],
  ["a subscription's token",       SUBSCRIBED,  true,         false],
])('%s is found; looking at a token is not a use, and is not remembered as one', async (_says, key, isPeek, isRemembered) => {
  expect(await inspector.find(key)).toMatchObject({ account: ACCOUNTS.get(key) })
  expect(asked).toEqual([[key, isPeek]])
  expect([cache.peek(key) !== undefined, cache.age(key) !== undefined]).toEqual([isRemembered, isRemembered])
})

test.each([ANNS, MIAS, SUBSCRIBED])('a token that is in use is looked at anew, not as it is remembered: %j', async (key) => {
  await cache.find(key)
  expect(await inspector.find(key)).toMatchObject({ age: undefined })
  expect(asked).toEqual([[key, undefined], [key, true]])
})

test('while the directory cannot be asked, a remembered token is what requests go by', async () => {
  await cache.find(ANNS)
  down = true
  expect(await inspector.find(ANNS)).toEqual({ account: ACCOUNTS.get(ANNS), age: expect.any(Number) })
  await expect(inspector.find(MIAS)).rejects.toThrow('down')
})

test('why a token may not be used is passed on', async () => {
  expect(await inspector.find(tokenKey('e'))).toEqual({ id: '5', reason: 'revoked' })
})

test.each(['nobody', tokenKey('c'), subscriptionKey('a'), roleKey('ops'), ''])('nobody is found: %j', async (key) => {
  expect(await inspector.find(key)).toBeUndefined()
})

test('a shown name leads to the key, where the directory knows any', async () => {
  expect([await inspector.keyOf('_token:1'), await inspector.keyOf('_token:2')]).toEqual([ANNS, undefined])
  const without = createAccountInspector({ find: async () => undefined, checkPassword: async () => false }, cache)
  expect(await without.keyOf('_token:1')).toBeUndefined()
})
