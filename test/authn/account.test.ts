import { expect, test } from 'vitest'
import { createAccount } from '../../src/authn/directory/account.js'
import type { Permission } from '../../src/authz/permission.js'
import { ALL, WRITE } from '../../src/authz/privilege.js'

const permissions = (granted: Record<string, Permission[]>) =>
  new Map(Object.entries(granted).map(([scope, names]) => [scope, new Set(names)]))

test.each<[string, Record<string, Permission[]>, [string, number] | undefined]>([
  // says                           granted                         one of the privileges
  ['nothing granted is nothing',    {},                             undefined],
  ['a permission is a privilege',   { '': ['KapacitorAPI'] },       ['/api', ALL]],
  ['one of a database as well',     { telegraf: ['WriteData'] },    ['/database/telegraf_clean', WRITE]],
])('%s', (_says, granted, privilege) => {
  const { privileges } = createAccount('ann', 'hash', permissions(granted)).user
  if (privilege) expect(privileges.get(privilege[0])).toBe(privilege[1])
  else expect(privileges.size).toBe(0)
})

test('an account holds what it was made of, and nobody is admin by it', () => {
  const granted = permissions({ '': ['KapacitorAPI'] })
  const account = createAccount('__proto__', 'hash', granted)
  expect(account).toMatchObject({ hash: 'hash', permissions: granted })
  expect(account.user).toMatchObject({ name: '__proto__', admin: false })
})

test('it is frozen, because requests share it', () => {
  const account = createAccount('ann', 'hash', new Map())
  expect([account, account.user].every(Object.isFrozen)).toBe(true)
})
