import { expect, test } from 'vitest'
import { createBearerAuthentication } from '../../src/authn/bearer-authentication.js'
import { createCredentialCache } from '../../src/authn/cache/credential-cache.js'
import { createAccount } from '../../src/authn/directory/account.js'
import type { Directory } from '../../src/authn/directory/directory.js'
import { createProviderCheck } from '../../src/authn/subjects/provider-check.js'
import { createSubjectList } from '../../src/authn/subjects/subject-list.js'
import { createSubjects } from '../../src/authn/subjects/subjects.js'
import type { ProviderTokenClaims, ProviderVerifier } from '../../src/token/provider/provider-verifier.js'

/** An RS256 token's form; the stand-in for the verifier takes whatever it says. */
const TOKEN = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.e30.c2ln`

/** A provider whose key can be withdrawn, and which can be replaced by another one. */
function start() {
  const clock = { now: 1_000 }
  const state = { isKeyKnown: true, asked: 0, verified: 0 }
  const newVerifier = () => ({
    verify: async () => {
      state.verified++
      return { subject: 'mia', issuer: 'https://idp/', groups: [], keyId: {}, expiresAt: 1e9 } satisfies ProviderTokenClaims
    },
    isCurrent: () => {
      state.asked++
      return state.isKeyKnown
    },
  })
  const provider = {
    verifier: newVerifier() as unknown as ProviderVerifier,
    subjects: createSubjects(createSubjectList({})),
    onGroupsProblem: () => {},
  }
  const directory: Directory = { find: async (key) => createAccount(key, '', new Map()), checkPassword: async () => false, watch: () => () => {} }
  const cache = createCredentialCache(directory, { now: () => clock.now })
  const bearer = createBearerAuthentication({ cache, provider: createProviderCheck(provider, { now: () => clock.now }) })
  const replace = () => {
    provider.verifier = newVerifier() as unknown as ProviderVerifier
  }
  return { bearer, clock, state, cache, replace }
}

test('it is found in a header, and the provider is asked for its key once a second', async () => {
  const { bearer, clock, state } = start()
  expect(bearer.remembered(`Bearer ${TOKEN}`, 7)).toBeUndefined()
  await bearer.verify(TOKEN)
  for (let i = 0; i < 10; i++) expect(bearer.remembered(`Bearer ${TOKEN}`, 7)).toBeDefined()
  expect([bearer.remembered(TOKEN), state.asked]).toEqual([expect.anything(), 1])
  clock.now += 1_000
  expect([bearer.remembered(TOKEN), state.asked]).toEqual([expect.anything(), 2])
})

test.each([
  // says                       milliseconds  is known
  ['a moment later',            999,          true],
  ['a second later',            1_000,        false],
  ['much later',                60_000,       false],
])('with a withdrawn key: %s', async (_says, later, isKnown) => {
  const { bearer, clock, state } = start()
  await bearer.verify(TOKEN)
  expect(bearer.remembered(TOKEN)).toBeDefined()
  state.isKeyKnown = false
  clock.now += later
  expect(bearer.remembered(TOKEN) !== undefined).toBe(isKnown)
  expect(bearer.remembered(TOKEN) !== undefined).toBe(isKnown)
})

test('it is not of another provider, from the next request on', async () => {
  const { bearer, replace } = start()
  await bearer.verify(TOKEN)
  expect(bearer.remembered(TOKEN)).toBeDefined()
  replace()
  expect(bearer.remembered(TOKEN)).toBeUndefined()
})

test('its account is not used any more once the cache has dropped it', async () => {
  const { bearer, cache } = start()
  await bearer.verify(TOKEN)
  expect(bearer.remembered(TOKEN)).toBeDefined()
  cache.forget()
  expect(bearer.remembered(TOKEN)).toBeUndefined()
})

test.each([
  // says                         text,                           start
  ['another header before it',    `Basic  ${TOKEN}`,              6],
  ['more after it',               `Bearer ${TOKEN}x`,             7],
  ['less of it',                  `Bearer ${TOKEN.slice(0, -1)}`, 7],
  ['other claims',                `Bearer ${TOKEN.replace('e30', 'e31')}`, 7],
  ['another header of its own',   `Bearer ${TOKEN.replace('eyJ', 'eyK')}`, 7],
  ['no signature',                `Bearer ${TOKEN.slice(0, TOKEN.lastIndexOf('.') + 1)}`, 7],
  ['its signature alone',         'Bearer c2ln',                  7],
  ['another part, too',           `Bearer ${TOKEN}.c2ln`,         7],
])('%s is not it', async (_says, text, at) => {
  const { bearer } = start()
  await bearer.verify(TOKEN)
  expect(bearer.remembered(text, at)).toBeUndefined()
})
