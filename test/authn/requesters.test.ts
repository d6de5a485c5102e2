import { expect, test } from 'vitest'
import { createAuthenticator, type Origin } from '../../src/authn/authenticator.js'
import { createCredentialCache } from '../../src/authn/cache/credential-cache.js'
import type { Credentials } from '../../src/authn/credentials.js'
import { tokenKey } from '../../src/authn/directory/account-key.js'
import type { Requester } from '../../src/authn/passwords/hasher.js'
import { createPasswordCheck } from '../../src/authn/passwords/password-check.js'
import { authenticate } from '../../src/middleware/authentication.js'
import { digestOf } from '../../src/token/own-token.js'
import { createFakeHasher } from '../support/fake-hasher.js'
import { createManualDirectory } from '../support/manual-directory.js'

const header = (alg: string) => Buffer.from(JSON.stringify({ alg })).toString('base64url')
const SHARED = `${header('HS256')}.e30.x`
const PROVIDED = `${header('RS256')}.e30.x`
const OWN = `kapa1_${'0'.repeat(64)}`

/** An authenticator, and for whom its cache was asked. */
function start() {
  const directory = createManualDirectory({ watch: false })
  const cache = createCredentialCache(directory)
  const requesters: (Requester | undefined)[] = []
  const passwords = createPasswordCheck(directory, createFakeHasher(), {})
  const authenticator = createAuthenticator({
    passwords,
    cache: {
      ...cache,
      find(name, requester) {
        requesters.push(requester)
        return cache.find(name, requester)
      },
      findToken(key, requester) {
        requesters.push(requester)
        return cache.findToken(key, requester)
      },
    },
    tokens: { remembered: () => undefined, verify: async () => ({ username: 'ann', expiresAt: 1 }) },
    provider: { isOn: true, remembered: () => undefined, verify: async () => ({ cached: undefined, key: '\0subject:["i","1"]', issuer: 'i', subject: '1', isCurrent: () => true }) },
  })
  return { authenticator, requesters }
}

test.each<[string, Credentials, string]>([
  // says                     credentials                             name
  ['a token of a secret',     { kind: 'bearer', token: SHARED },      'ann'],
  ["a provider's token",      { kind: 'bearer', token: PROVIDED },    '\0subject:["i","1"]'],
  ['an own token',            { kind: 'token', token: OWN },          tokenKey(digestOf(OWN))],
])('a look-up is for the network and the account that it is about: %s', async (_says, credentials, name) => {
  for (const origin of ['192.0.2.0', () => '192.0.2.0'] satisfies Origin[]) {
    const { authenticator, requesters } = start()
    await authenticator.authenticate(credentials, undefined, origin)
    expect(requesters).toEqual([{ origin: '192.0.2.0', name }])
  }
})

test.each([
  // says                     header
  ['a token of a secret',     `Bearer ${SHARED}`],
  ["a provider's token",      `Bearer ${PROVIDED}`],
  ['an own token',            `Bearer ${OWN}`],
])("at Kapacitor's door the network is known: %s", async (_says, authorization) => {
  const { authenticator, requesters } = start()
  const ctx = { req: { rawHeaders: ['Authorization', authorization], url: '/' } } as Parameters<typeof authenticate>[1]
  await authenticate(authenticator, ctx, () => '192.0.2.0')
  expect(requesters).toMatchObject([{ origin: '192.0.2.0', name: expect.stringMatching(/./) }])
})

test('what is remembered costs no look at the network', async () => {
  const { authenticator } = start()
  const user = { name: 'ann', admin: false, privileges: new Map() }
  const ctx = { req: { rawHeaders: ['Authorization', `Bearer ${SHARED}`], url: '/' } } as Parameters<typeof authenticate>[1]
  const remembering = { ...authenticator, authenticate: () => user }
  expect(authenticate(remembering, ctx, () => expect.unreachable())).toBe(user)
})
