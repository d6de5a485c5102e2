import { expect, test } from 'vitest'
import { subscriptionKey, tokenKey } from '../../src/authn/directory/account-key.js'
import { createListDirectory, type ListedUser } from '../../src/authn/directory/list-directory.js'

const HASH = `$2b$10$${'a'.repeat(53)}`
const PBKDF2 = `$pbkdf2-sha256$29000$${'A'.repeat(22)}$${'A'.repeat(43)}`

test('listed users are found, and no others', async () => {
  const directory = createListDirectory([{ name: 'ann', hash: HASH }, { name: 'bob', hash: PBKDF2 }])
  expect(await directory.find('ann')).toMatchObject({ user: { name: 'ann' }, hash: HASH })
  expect(await directory.find('bob')).toMatchObject({ hash: PBKDF2 })
  expect(await directory.find('Ann')).toBeUndefined()
})

test.each([tokenKey('a'.repeat(64)), subscriptionKey('a'.repeat(64))])('a list has no tokens, and says so: %j', async (key) => {
  expect(await createListDirectory([{ name: key, hash: HASH }]).find(key)).toEqual({ reason: 'unknown' })
})

test.each<[string, ListedUser[], RegExp]>([
  // says                        users                                                                     message
  ['B6: a plain password',       [{ name: 'ann', hash: 'hunter2' }],                                       /^user ann: hash must be a bcrypt or PBKDF2 hash$/],
  ['no hash',                    [{ name: 'ann', hash: '' }],                                              /^user ann: hash must be/],
  ['a hash cut short',           [{ name: 'ann', hash: HASH.slice(0, -1) }],                               /^user ann: hash must be/],
  ['a cost beyond reason',       [{ name: 'ann', hash: HASH.replace('10', '31') }],                        /^user ann: hash must be/],
  ['a broken implementation\'s', [{ name: 'ann', hash: HASH.replace('2b', '2x') }],                        /^user ann: hash must be/],
  ['a name twice',               [{ name: 'ann', hash: HASH }, { name: 'ann', hash: HASH }],               /^user ann is listed twice$/],
  ['a permission unknown here',  [{ name: 'ann', hash: HASH, permissions: { '': ['Fly' as never] } }],     /^unknown permission Fly$/],
])('%s is refused, and the hash not shown', (_says, users, message) => {
  expect(() => createListDirectory(users)).toThrow(TypeError)
  expect(() => createListDirectory(users)).toThrow(message)
})
