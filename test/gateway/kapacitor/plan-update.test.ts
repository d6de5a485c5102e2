import { expect, test } from 'vitest'
import { ADMIN_PERMISSIONS, type Permission, type Permissions } from '../../../src/authz/permission.js'
import { AuthError } from '../../../src/errors.js'
import { type KapacitorPermission, shownUser, type UserUpdate } from '../../../src/gateway/kapacitor/users/kapacitor-user.js'
import { newGrants, planUpdate } from '../../../src/gateway/kapacitor/users/plan-update.js'
import { grantsObject } from '../../../src/registry/grants.js'

type Grants = Readonly<Record<string, readonly Permission[]>>
const permissionsOf = (grants: Grants): Permissions => new Map(Object.entries(grants).map(([scope, names]) => [scope, new Set(names)]))
const NONE: Permissions = new Map()
const ALL_OF_KAPACITOR: Grants = { '': ['KapacitorAPI', 'KapacitorConfigAPI', 'WriteData'] }
const set = (...permissions: KapacitorPermission[]) => new Set(permissions)

test.each<[string, Grants | Permissions, string, readonly string[]]>([
  // holds                         granted                                            type      permissions
  ['nothing',                      {},                                                'normal', []],
  ['KapacitorAPI',                 { '': ['KapacitorAPI'] },                          'normal', ['api']],
  ['KapacitorAPI on a database',   { db: ['KapacitorAPI'] },                          'normal', ['api']],
  ['KapacitorConfigAPI',           { '': ['KapacitorConfigAPI'] },                    'normal', ['config_api']],
  ['WriteData on all databases',   { '': ['WriteData'] },                             'normal', ['write_points']],
  ['two of them',                  { '': ['WriteData', 'KapacitorAPI'] },             'normal', ['api', 'write_points']],
  ['all three',                    ALL_OF_KAPACITOR,                                  'normal', ['all']],
  ['WriteData on one database',    { db: ['WriteData'] },                             'normal', []],
  ['what Kapacitor does not have', { '': ['ReadData', 'CreateUserAndRole', 'NoPermissions'] }, 'normal', []],
  ['every permission',             ADMIN_PERMISSIONS,                                 'admin',  []],
])('who holds %s is shown so', (_says, granted, type, permissions) => {
  const own = granted instanceof Map ? granted : permissionsOf(granted as Grants)
  for (const user of [{ own, byRoles: NONE }, { own: NONE, byRoles: own }]) {
    expect(shownUser({ name: 'ann', ...user })).toEqual({ name: 'ann', type, permissions })
  }
})

test.each<[string, Pick<UserUpdate, 'type' | 'permissions'>, Grants | Permissions]>([
  ['nothing said',                    {},                                                  {}],
  ['normal',                          { type: 'normal', permissions: set('api') },         { '': ['KapacitorAPI'] }],
  ['no type',                         { permissions: set('config_api', 'write_points') },  { '': ['KapacitorConfigAPI', 'WriteData'] }],
  ['admin',                           { type: 'admin' },                                   ADMIN_PERMISSIONS],
  ['admin, whatever the permissions', { type: 'admin', permissions: set('api') },          ADMIN_PERMISSIONS],
])('a new user is granted, with %s', (_says, wanted, granted) => {
  expect(grantsObject(newGrants(wanted))).toEqual(grantsObject(granted instanceof Map ? granted : permissionsOf(granted as Grants)))
})

interface Row { own?: Grants | Permissions; byRoles?: Grants | Permissions; update: UserUpdate }

const plan = ({ own = {}, byRoles = {}, update }: Row) => {
  const permissions = (grants: Grants | Permissions) => (grants instanceof Map ? grants : permissionsOf(grants as Grants))
  return planUpdate({ name: 'ann', own: permissions(own), byRoles: permissions(byRoles) }, update)
}

test.each<[string, Row, readonly [string, (object | undefined)?][]]>([
  ['nothing said',                                    { update: {} },                                                                         []],
  ['a password',                                      { update: { password: 'x' } },                                                          [['change-password']]],
  ['a permission',                                    { update: { permissions: set('api') } },                                                [['add-permissions', { '': ['KapacitorAPI'] }]]],
  ['one that is held',                                { own: { '': ['KapacitorAPI'] }, update: { permissions: set('api') } },                 []],
  ['one that a role grants',                          { byRoles: { '': ['KapacitorAPI'] }, update: { permissions: set('api') } },             []],
  ['another in its place, and a password',            { own: { '': ['KapacitorAPI'] }, update: { password: 'x', permissions: set('config_api') } }, [['remove-permissions', { '': ['KapacitorAPI'] }], ['change-password'], ['add-permissions', { '': ['KapacitorConfigAPI'] }]]],
  ['none: what the API shows goes, the rest stays',   { own: { '': ['KapacitorAPI', 'ReadData', 'CreateUserAndRole'], db: ['WriteData', 'KapacitorConfigAPI'] }, update: { permissions: set() } }, [['remove-permissions', { '': ['KapacitorAPI'], db: ['KapacitorConfigAPI'] }]]],
  ['normal for a normal user',                        { own: { '': ['KapacitorAPI'] }, update: { type: 'normal' } },                          []],
  ['admin for a normal user',                         { own: { '': ['KapacitorAPI'] }, update: { type: 'admin', permissions: set() } },       [['add-permissions', grantsObject(new Map([['', new Set([...(ADMIN_PERMISSIONS.get('') ?? [])].filter((name) => name !== 'KapacitorAPI'))]]))]]],
  ['admin for an administrator',                      { own: ADMIN_PERMISSIONS, update: { type: 'admin', permissions: set() } },              []],
  ['permissions of an administrator who stays one',   { own: ADMIN_PERMISSIONS, update: { permissions: set() } },                             []],
  ['normal for an administrator',                     { own: new Map([...ADMIN_PERMISSIONS, ['db', new Set<Permission>(['ReadData'])]]), update: { type: 'normal' } }, [['remove-permissions', grantsObject(ADMIN_PERMISSIONS)]]],
  ['normal with a permission for an administrator',   { own: ADMIN_PERMISSIONS, update: { type: 'normal', permissions: set('api') } },        [['remove-permissions', grantsObject(new Map([['', new Set([...(ADMIN_PERMISSIONS.get('') ?? [])].filter((name) => name !== 'KapacitorAPI'))]]))]]],
])('planned: %s', (_says, row, expected) => {
  const changes = plan(row)
  if (changes instanceof AuthError) throw changes
  expect(changes.map((change) => ('permissions' in change && change.permissions ? [change.action, grantsObject(change.permissions)] : [change.action]))).toEqual(expected)
})

test.each<[string, Row, string]>([
  ['a permission that a role grants is to go', { byRoles: { '': ['KapacitorConfigAPI'] }, update: { permissions: set('api') } }, 'a role grants the user config_api: change the role'],
  ['a role makes an administrator',            { byRoles: ADMIN_PERMISSIONS, update: { type: 'normal' } },                      'a role makes the user an administrator: change the role'],
])('refused, since this API changes no roles: %s', (_says, row, message) => {
  expect(plan(row)).toMatchObject({ code: 'ERR_CONFLICT', message })
})
