import { expect, test } from 'vitest'
import { createCredentialCache } from '../../src/authn/cache/credential-cache.js'
import { tokenKey } from '../../src/authn/directory/account-key.js'
import type { Directory } from '../../src/authn/directory/directory.js'
import { createTokenAccount } from '../../src/authn/directory/token-account.js'
import { createManualClock } from '../support/manual-clock.js'

test.each<[string, number | undefined, number, number]>([
  // says                                   lifetime  expiration  kept for
  ['a token that expires soon',             5_000,    600_000,    5_000],
  ['a token that expires late',             900_000,  600_000,    600_000],
  ['a token that does not expire',          undefined, 600_000,   600_000],
])('%s is kept for as long as it may be used', async (_says, lifetime, expiration, keptFor) => {
  const now = createManualClock()
  const digest = 'a'.repeat(64)
  const key = tokenKey(digest)
  let asked = 0
  const directory: Directory = {
    find: async () => (asked++ === 0 ? createTokenAccount({ id: 'id', digest, owner: { kind: 'node' }, permissions: new Map(), lifetime }) : undefined),
    checkPassword: async () => false,
    watch: () => () => {},
  }
  const cache = createCredentialCache(directory, { expiration, now })
  expect(await cache.find(key)).toBeDefined()
  now.advance(keptFor)
  expect(cache.peek(key)).toBeDefined()
  now.advance(1)
  expect(cache.peek(key)).toBeUndefined()
  expect(await cache.find(key)).toBeUndefined() // the directory says so
})
