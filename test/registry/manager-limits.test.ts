import { expect, test } from 'vitest'
import type { Permissions } from '../../src/authz/permission.js'
import { beyondHeld, beyondUserManager } from '../../src/registry/changes/manager-limits.js'

const CLUSTER = (...names: readonly ('KapacitorAPI' | 'CreateUserAndRole' | 'ReadData')[]): Permissions => new Map([['', new Set(names)]])
const manager = { name: 'oidc:ann', permissions: CLUSTER('KapacitorAPI', 'CreateUserAndRole') }
const accounts = { account: async (name: string) => (name === 'oidc:ann' ? { permissions: CLUSTER('ReadData') } : undefined) }
const change = { subject: 'user', action: 'change-password', name: 'oidc:ann', password: 'x' } as const

test('users set their own password, also where their roles give more than they manage by', async () => {
  expect(await beyondUserManager(accounts, change, manager)).toBeUndefined()
})

test('a subject or a token is not the user who has the same name', async () => {
  expect(await beyondUserManager(accounts, change, { ...manager, kind: 'subject' })).toMatchObject({
    code: 'ERR_PRIVILEGE_MISSING',
    message: 'subject oidc:ann may not change the password of user "oidc:ann", who holds more than oidc:ann: ReadData on all databases',
  })
})

test('a new user is granted what its maker holds', () => {
  expect(beyondHeld(CLUSTER('KapacitorAPI'), manager)).toBeUndefined()
  expect(beyondHeld(CLUSTER('KapacitorAPI', 'ReadData'), manager)?.message).toBe('user oidc:ann may not grant ReadData on all databases, which oidc:ann does not hold')
})
