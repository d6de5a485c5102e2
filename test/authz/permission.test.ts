import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasPermission, isAdmin, joinPermissions, PERMISSIONS, type Permission, type Permissions, parsePermission, privilegesOf } from '../../src/authz/permission.js'
import { ALL, NONE, READ, WRITE } from '../../src/authz/privilege.js'

type Granted = Record<string, readonly Permission[]>
const granting = (granted: Granted): Permissions =>
  new Map(Object.entries(granted).map(([scope, names]) => [scope, new Set(names)]))

describe('permissions give the privileges that Kapacitor derives', () => {
  const API = { '/api': ALL, '/api/config': NONE, '/api/users': NONE, '/api/storage': NONE, '/api/debug': NONE }

  test.each<[string, Granted, Record<string, number>]>([
    // says                              granted                                         privileges
    ['nobody',                           {},                                             {}],
    ['a scope with nothing in it',       { '': [] },                                     {}],
    ['NoPermissions',                    { '': ['NoPermissions'] },                      {}],
    ['KapacitorAPI',                     { '': ['KapacitorAPI'] },                       API],
    ['KapacitorAPI on a database',       { telegraf: ['KapacitorAPI'] },                 API],
    ['KapacitorConfigAPI',               { '': ['KapacitorConfigAPI'] },                 { '/api/config': ALL, '/api/ping': ALL }],
    ['KapacitorConfigAPI on a database', { telegraf: ['KapacitorConfigAPI'] },           { '/api/config': ALL, '/api/ping': ALL }],
    ['both of them',                     { '': ['KapacitorAPI', 'KapacitorConfigAPI'] }, { ...API, '/api/config': ALL, '/api/ping': ALL }],
    ['both, in the other order',         { '': ['KapacitorConfigAPI', 'KapacitorAPI'] }, { ...API, '/api/config': ALL, '/api/ping': ALL }],
    ['both, on different scopes',        { a: ['KapacitorAPI'], b: ['KapacitorConfigAPI'] }, { ...API, '/api/config': ALL, '/api/ping': ALL }],
    ['WriteData',                        { telegraf: ['WriteData'] },                    { '/database/telegraf_clean': WRITE, '/api/write': WRITE, '/api/ping': ALL }],
    ['WriteData cluster-wide',           { '': ['WriteData'] },                          { '/database': WRITE, '/api/write': WRITE, '/api/ping': ALL }],
    ['ReadData',                         { telegraf: ['ReadData'] },                     { '/database/telegraf_clean': READ, '/api/ping': ALL }],
    ['ReadData cluster-wide',            { '': ['ReadData'] },                           { '/database': READ, '/api/ping': ALL }],
    ['reading and writing are joined',   { db: ['ReadData', 'WriteData'] },              { '/database/db_clean': READ | WRITE, '/api/write': WRITE, '/api/ping': ALL }],
    ['each database for itself',         { a: ['ReadData'], b: ['WriteData'] },          { '/database/a_clean': READ, '/database/b_clean': WRITE, '/api/write': WRITE, '/api/ping': ALL }],
    ['WriteData narrows /api/write',     { '': ['KapacitorAPI'], db: ['WriteData'] },    { ...API, '/database/db_clean': WRITE, '/api/write': WRITE, '/api/ping': ALL }],
    ['users',                            { '': ['KapacitorAPI', 'CreateUserAndRole'] },  { ...API, '/api/users': ALL }],
    ['users, in the other order',        { '': ['CreateUserAndRole', 'KapacitorAPI'] },  { ...API, '/api/users': ALL }],
    ['storage and debug',                { '': ['KapacitorAPI', 'ViewAdmin'] },          { ...API, '/api/storage': ALL, '/api/debug': ALL }],
    ['CreateUserAndRole alone',          { '': ['CreateUserAndRole'] },                  {}],
    ['ViewAdmin alone',                  { '': ['ViewAdmin'] },                          {}],
    ['an own /api/users is not opened by the configuration', { '': ['KapacitorConfigAPI', 'CreateUserAndRole', 'ViewAdmin'] }, { '/api/config': ALL, '/api/ping': ALL }],
  ])('%s', (_says, granted, privileges) => {
    expect(Object.fromEntries(privilegesOf(granting(granted)))).toEqual(privileges)
  })

  test.each(['__proto__', 'constructor', 'toString'])('a database may be called %s', (name) => {
    const privileges = privilegesOf(new Map([[name, new Set<Permission>(['ReadData'])]]))
    expect([...privileges]).toEqual([[`/database/${name}_clean`, READ], ['/api/ping', ALL]])
  })

  const KNOWN: readonly Permission[] = ['KapacitorAPI', 'KapacitorConfigAPI', 'WriteData', 'ReadData']

  test.each(PERMISSIONS.filter((name) => !KNOWN.includes(name)))('%s alone gives nothing here', (name) => {
    expect(privilegesOf(granting({ '': [name], db: [name] })).size).toBe(0)
  })

  test('a user who holds everything gets everything', () => {
    const privileges = privilegesOf(granting({ '': PERMISSIONS }))
    for (const resource of ['/api', '/api/config', '/api/users', '/api/storage', '/api/debug', '/api/ping']) {
      expect(privileges.get(resource)).toBe(ALL)
    }
  })

  test('their order, and how many sources they come from, changes nothing', () => {
    const grant = fc.tuple(fc.constantFrom('', 'a', 'b'), fc.constantFrom(...PERMISSIONS))
    const one = (grants: readonly (readonly [string, Permission])[]) =>
      joinPermissions(grants.map(([scope, name]) => new Map([[scope, new Set([name])]])))
    const sorted = (permissions: Permissions) => [...privilegesOf(permissions)].sort()
    const shuffled = fc.array(grant, { maxLength: 12 }).chain((grants) =>
      fc.tuple(fc.constant(grants), fc.shuffledSubarray(grants, { minLength: grants.length }), fc.nat(grants.length)))
    fc.assert(fc.property(shuffled, ([grants, others, cut]) => {
      expect(sorted(one(others))).toEqual(sorted(one(grants)))
      expect(sorted(joinPermissions([one(others.slice(0, cut)), one(others.slice(cut))]))).toEqual(sorted(one(grants)))
    }))
  })
})

describe('a permission has exactly one spelling', () => {
  test.each<[string, Permission | undefined]>([
    // name           expected
    ...PERMISSIONS.map((name): [string, Permission] => [name, name]),
    ['9',             'WriteData'], // as older meta nodes print it
    ['kapacitorapi',  undefined],
    ['KapacitorApi',  undefined],
    ['KapacitorAPI ', undefined],
    [' WriteData',    undefined],
    ['WriteData\0',   undefined],
    ['8',             undefined],
    ['09',            undefined],
    ['All',           undefined],
    ['Admin',         undefined],
    ['',              undefined],
    ['__proto__',     undefined],
    ['constructor',   undefined],
    ['toString',      undefined],
    ['hasOwnProperty', undefined],
  ])('%j: %s', (name, expected) => {
    expect(parsePermission(name)).toBe(expected)
  })
})

describe('a permission is held on its scope or cluster-wide', () => {
  test.each<[string, Granted, string | undefined, boolean]>([
    // says                              granted                      scope        expected
    ['on the scope',                     { db: ['WriteData'] },       'db',        true],
    ['cluster-wide',                     { '': ['WriteData'] },       undefined,   true],
    ['cluster-wide covers a database',   { '': ['WriteData'] },       'db',        true],
    ['on another scope',                 { other: ['WriteData'] },    'db',        false],
    ['on a database, asked for all',     { db: ['WriteData'] },       undefined,   false],
    ['another permission',               { db: ['ReadData'] },        'db',        false],
    ['nothing',                          {},                          'db',        false],
    ['a scope like a property',          {},                          '__proto__', false],
  ])('%s', (_says, granted, scope, expected) => {
    expect(hasPermission(granting(granted), 'WriteData', scope)).toBe(expected)
  })
})

describe('an administrator holds every permission, cluster-wide', () => {
  const all = PERMISSIONS.filter((name) => name !== 'NoPermissions')

  test.each<[string, Granted, boolean]>([
    // says                         granted                                     expected
    ['all of them',                 { '': all },                                true],
    ['with NoPermissions as well',  { '': PERMISSIONS },                        true],
    ['and some on a database',      { '': all, db: ['ReadData'] },              true],
    ['all on one database',         { db: all },                                false],
    ['half here, half there',       { '': all.slice(1), db: all.slice(0, 1) },  false],
    ['NoPermissions',               { '': ['NoPermissions'] },                  false],
    ['none',                        { '': [] },                                 false],
    ['nobody',                      {},                                         false],
  ])('%s', (_says, granted, expected) => {
    expect(isAdmin(granting(granted))).toBe(expected)
  })

  test.each(all)('all but %s is not enough', (missing) => {
    expect(isAdmin(granting({ '': all.filter((name) => name !== missing) }))).toBe(false)
  })
})

test('joining adds up, and changes no source', () => {
  const user = granting({ '': ['ReadData'] })
  const role = granting({ '': ['WriteData'], db: ['ReadData'] })
  const joined = joinPermissions([user, role])
  expect(joined).toEqual(granting({ '': ['ReadData', 'WriteData'], db: ['ReadData'] }))
  expect(user).toEqual(granting({ '': ['ReadData'] }))
  expect(role).toEqual(granting({ '': ['WriteData'], db: ['ReadData'] }))
  expect(joinPermissions([])).toEqual(new Map())
})
