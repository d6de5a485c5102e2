import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAccount } from '../../src/authn/directory/account.js'
import { type Action, apiAction, databaseWrite } from '../../src/authz/action.js'
import { isAuthorized } from '../../src/authz/authorize.js'
import { type Explained, explain, type Reason } from '../../src/authz/explain-decision.js'
import type { Grant } from '../../src/authz/grant.js'
import { joinPermissions, PERMISSIONS, type Permission, type Permissions, privilegesOf } from '../../src/authz/permission.js'
import { DELETE, NONE, type Privilege, privilegeName, READ, WRITE } from '../../src/authz/privilege.js'
import { databaseResource } from '../../src/authz/resource.js'
import { ANYONE } from '../../src/authz/user.js'

type Granted = Record<string, readonly Permission[]>
const granting = (granted: Granted): Permissions =>
  new Map(Object.entries(granted).map(([scope, names]) => [scope, new Set(names)]))

/** An account with what they have themselves and through roles, as a directory makes it. */
function accountOf(own: Granted, roles: Record<string, Granted> = {}): Explained {
  const grants: Grant[] = [{ role: undefined, permissions: granting(own) }]
  for (const [role, granted] of Object.entries(roles)) grants.push({ role, permissions: granting(granted) })
  const joined = joinPermissions(grants.map(({ permissions }) => permissions))
  return createAccount('ann', 'hash', joined, grants.length > 1 ? grants : undefined)
}

const tasks = (privilege: Privilege) => apiAction(privilege, '/kapacitor/v1/tasks/x')

/** Sources in a line each. */
const told = ({ sources }: Reason) =>
  sources.map(({ permission, database, role = 'own', gives }) => `${gives} by ${permission} on ${database || '*'} through ${role}`)

describe('says what decided, and where it comes from', () => {
  test.each<[string, Explained, Action, Partial<Reason>, string[]]>([
    ['an own permission', accountOf({ '': ['KapacitorAPI'] }), tasks(READ),
      { allowed: true, privilege: 'read', resource: '/api/tasks/x', decidedBy: '/api', held: 'all' }, ['all by KapacitorAPI on * through own']],
    ['a role\'s', accountOf({}, { ops: { '': ['KapacitorAPI'] } }), tasks(DELETE),
      { allowed: true, decidedBy: '/api', held: 'all' }, ['all by KapacitorAPI on * through ops']],
    ['the same of several', accountOf({ db: ['KapacitorAPI'] }, { ops: { '': ['KapacitorAPI'] }, dev: { '': ['KapacitorAPI'] }, idle: {} }), tasks(READ),
      { allowed: true }, ['all by KapacitorAPI on db through own', 'all by KapacitorAPI on * through ops', 'all by KapacitorAPI on * through dev']],
    ['nothing at all', accountOf({ '': ['Monitor'] }, { ops: {} }), tasks(READ),
      { allowed: false, decidedBy: undefined, held: undefined }, []],
    ['what closes', accountOf({ '': ['KapacitorAPI'] }), apiAction(READ, '/kapacitor/v1/config/smtp'),
      { allowed: false, decidedBy: '/api/config', held: 'none' }, ['none by KapacitorAPI on * through own']],
    ['what opens what another closes', accountOf({ '': ['KapacitorAPI'] }, { conf: { '': ['KapacitorConfigAPI'] } }), apiAction(READ, '/kapacitor/v1/config'),
      { allowed: true, decidedBy: '/api/config', held: 'all' }, ['none by KapacitorAPI on * through own', 'all by KapacitorConfigAPI on * through conf']],
    ['two that only count together', accountOf({ '': ['CreateUserAndRole'] }, { ops: { '': ['KapacitorAPI'] } }), apiAction(WRITE, '/kapacitor/v1/users'),
      { allowed: true, decidedBy: '/api/users', held: 'all' }, ['all by CreateUserAndRole on * through own', 'none by KapacitorAPI on * through ops']],
    ['one of them alone', accountOf({ '': ['CreateUserAndRole'] }), apiAction(WRITE, '/kapacitor/v1/users'),
      { allowed: false, decidedBy: undefined }, []],
    ['a database', accountOf({ a: ['WriteData'], b: ['WriteData', 'ReadData'] }), databaseWrite('b'),
      { allowed: true, resource: '/database/b_clean', decidedBy: '/database/b_clean', held: 'read|write' }, ['write by WriteData on b through own', 'read by ReadData on b through own']],
    ['a database that may only be read, which hides all', accountOf({ '': ['WriteData'] }, { r: { b: ['ReadData'] } }), databaseWrite('b'),
      { allowed: false, decidedBy: '/database/b_clean', held: 'read' }, ['read by ReadData on b through r']],
    ['all databases', accountOf({ '': ['WriteData'] }), databaseWrite('b'),
      { allowed: true, decidedBy: '/database', held: 'write' }, ['write by WriteData on * through own']],
    ['an action that needs nothing', accountOf({}), tasks(NONE),
      { allowed: true, privilege: 'none', decidedBy: undefined }, []],
    ['any caller while authentication is off', { user: ANYONE, permissions: new Map() }, tasks(READ),
      { allowed: true, decidedBy: undefined }, []],
  ])('%s', (_says, account, action, expected, sources) => {
    const reason = explain(account, action)
    expect(reason).toMatchObject(expected)
    expect(told(reason)).toEqual(sources)
  })
})

test('it never disagrees with isAuthorized, and what is said to be held is what its sources give', () => {
  const scopes = ['', 'a', 'b/c', 'a_b']
  const grants = fc.dictionary(fc.constantFrom(...scopes), fc.array(fc.constantFrom(...PERMISSIONS), { maxLength: 4 }), { maxKeys: 3, noNullPrototype: true })
  const segment = fc.constantFrom('config', 'users', 'storage', 'debug', 'ping', 'write', 'tasks', 'apis', 'x')
  const path = fc.tuple(fc.constantFrom('', '/kapacitor/v1', '/kapacitor/v1preview'), fc.array(segment, { maxLength: 3 }))
    .map(([base, segments]) => `${base}/${segments.join('/')}`)
  const privilege = fc.constantFrom(NONE, READ, WRITE, DELETE)
  const action = fc.oneof(
    fc.tuple(privilege, path).map(([need, at]) => apiAction(need, at)),
    fc.constantFrom(...scopes, 'other').map(databaseWrite),
  )
  const bits = new Map([NONE, READ, WRITE, DELETE, READ | WRITE, 7].map((bit) => [privilegeName(bit), bit]))
  fc.assert(fc.property(grants, fc.dictionary(fc.constantFrom('r1', 'r2'), grants), action, (own, roles, asked) => {
    const account = accountOf(own, roles)
    const reason = explain(account, asked)
    expect(reason.allowed).toBe(isAuthorized(account.user, asked))
    const held = bits.get(reason.held ?? 'none') as number
    if (asked.privilege !== NONE) expect(reason.allowed).toBe(reason.decidedBy !== undefined && (held & asked.privilege) === asked.privilege)
    const given = reason.sources.reduce((sum, { gives }) => sum | (bits.get(gives) as number), 0)
    expect(given).toBe(held)
    expect(reason.sources.length > 0).toBe(reason.decidedBy !== undefined)
    // Each is granted where it says
    for (const { permission, database, role } of reason.sources) {
      expect((role === undefined ? own : roles[role])?.[database]).toContain(permission)
    }
    // Without its sources the entry is not there
    const without = new Map([...account.permissions].map(([scope, names]) =>
      [scope, new Set([...names].filter((name) => !reason.sources.some((source) => source.permission === name && source.database === scope)))]))
    if (reason.decidedBy !== undefined) expect(privilegesOf(without).has(reason.decidedBy)).toBe(false)
  }), { numRuns: 2_000 })
})

test('databases are named as resources are', () => {
  expect(explain(accountOf({ 'a/b': ['WriteData'] }), databaseWrite('a/b')).decidedBy).toBe(databaseResource('a/b'))
})
