import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apiAction, databaseWrite, privilegeOfMethod } from '../../src/authz/action.js'
import { isAuthorized } from '../../src/authz/authorize.js'
import { type Permission, privilegesOf } from '../../src/authz/permission.js'
import { ALL, DELETE, NONE, type Privilege, READ, WRITE } from '../../src/authz/privilege.js'
import { ANYONE, type User } from '../../src/authz/user.js'
import { AuthError } from '../../src/errors.js'
import { readRequestLine } from '../../src/middleware/request-line.js'

const userWith = (privileges: Iterable<readonly [string, Privilege]>): User => ({
  name: 'ann',
  admin: false,
  privileges: new Map(privileges),
})

const ann = userWith([
  ['/api',                     READ | WRITE],
  ['/api/config',              NONE],
  ['/api/config/influxdb',     READ],
  ['/api/ping',                ALL],
  ['/database',                WRITE],
  ['/database/secrets_clean',  READ],
])

describe('the nearest resource with an entry decides', () => {
  test.each([
    // says                                         resource                      privilege  expected
    ['the resource itself',                         '/api',                       WRITE,     true],
    ['another of its bits',                         '/api',                       READ,      true],
    ['something below it',                          '/api/tasks/cpu',             READ,      true],
    ['far below it',                                '/api/a/b/c/d/e/f',           WRITE,     true],
    ['all holds each bit',                          '/api/ping',                  DELETE,    true],
    ['below a nearer entry that grants again',      '/api/config/influxdb/local', READ,      true],
    ['nothing is needed, anywhere',                 '/api/config',                NONE,      true],
    ['nothing is needed, outside too',              '/nowhere',                   NONE,      true],
    ['any database by the wider entry',             '/database/telegraf_clean',   WRITE,     true],
    ['a bit that is not held',                      '/api/tasks',                 DELETE,    false],
    ['a nearer entry hides a wider one',            '/api/config',                READ,      false],
    ['below the nearer entry',                      '/api/config/smtp',           READ,      false],
    ['not the bit that the nearest one has',        '/api/config/influxdb',       WRITE,     false],
    ['a nearer database hides all databases',       '/database/secrets_clean',    WRITE,     false],
    ['a sibling whose name only starts alike',      '/apis',                      READ,      false],
    ['a sibling that ends alike',                   '/x/api',                     READ,      false],
    ['a database whose name only starts alike',     '/databases/x_clean',         WRITE,     false],
    ['another case',                                '/API',                       READ,      false],
    ['without the first slash',                     'api',                        READ,      false],
    ['wider than anything held',                    '/',                          READ,      false],
    ['no name at all',                              '',                           READ,      false],
    ['several bits, one of them missing',           '/api',                       ALL,       false],
    ['a name of every object',                      '/constructor',               READ,      false],
    ['the prototype',                               '/__proto__',                 READ,      false],
  ])('%s', (_says, resource, privilege, expected) => {
    expect(isAuthorized(ann, { resource, privilege })).toBe(expected)
  })

  test.each([
    // says                                user                               resource      privilege  expected
    ['an entry on the root covers all',    userWith([['/', READ]]),           '/api/tasks', READ,      true],
    ['but only its own bits',              userWith([['/', READ]]),           '/api/tasks', WRITE,     false],
    ['an empty-handed user',               userWith([]),                      '/api/tasks', READ,      false],
    ['an empty-handed user may ask HEAD',  userWith([]),                      '/api/tasks', NONE,      true],
    ['an admin without any entry',         { ...userWith([]), admin: true },  '/api/tasks', DELETE,    true],
    ['an admin in spite of entries',       { ...ann, admin: true },           '/api/config', ALL,      true],
    ['any caller while auth is off',       ANYONE,                            '/api/users', DELETE,    true],
  ])('%s', (_says, user, resource, privilege, expected) => {
    expect(isAuthorized(user, { resource, privilege })).toBe(expected)
  })

  test('as the rule says, for any user and any resource', () => {
    const segment = fc.constantFrom('api', 'config', 'a', 'b')
    const resource = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`)
    const privilege = fc.constantFrom(NONE, READ, WRITE, DELETE, ALL)
    fc.assert(fc.property(fc.array(fc.tuple(resource, privilege)), resource, fc.constantFrom(READ, WRITE, DELETE), (held, asked, need) => {
      const entries = new Map(held)
      const covers = (at: string) => at === asked || at === '/' || asked.startsWith(`${at}/`)
      const [nearest] = [...entries.keys()].filter(covers).sort((a, b) => b.length - a.length)
      const expected = nearest !== undefined && ((entries.get(nearest) as Privilege) & need) !== 0
      expect(isAuthorized(userWith(entries), { resource: asked, privilege: need })).toBe(expected)
    }))
  })
})

describe('what permissions open', () => {
  type Granted = Record<string, readonly Permission[]>
  const may = (granted: Granted, method: string, path: string) => {
    const scopes = Object.entries(granted).map(([scope, names]) => [scope, new Set(names)] as const)
    const user = userWith(privilegesOf(new Map(scopes)))
    return isAuthorized(user, apiAction(privilegeOfMethod(method) as Privilege, path))
  }
  const API: Granted = { '': ['KapacitorAPI'] }
  const CONFIG: Granted = { '': ['KapacitorConfigAPI'] }
  const WRITER: Granted = { telegraf: ['WriteData'] }
  const READER: Granted = { telegraf: ['ReadData'] }

  test.each<[string, Granted, string, string, boolean]>([
    // says                                     granted                                      method    path                             expected
    ['KapacitorAPI: tasks',                     API,                                         'DELETE', '/kapacitor/v1/tasks/cpu',      true],
    ['KapacitorAPI: what does not exist',       API,                                         'GET',    '/kapacitor/v1/nope',           true],
    ['KapacitorAPI: ping',                      API,                                         'GET',    '/kapacitor/v1/ping',           true],
    ['KapacitorAPI: outside the base path',     API,                                         'POST',   '/write',                       true],
    ['KapacitorAPI on one database',            { telegraf: ['KapacitorAPI'] },              'GET',    '/kapacitor/v1/tasks',          true],
    ['KapacitorAPI: HEAD of the configuration', API,                                         'HEAD',   '/kapacitor/v1/config',         true],
    ['both: the configuration',                 { '': ['KapacitorAPI', 'KapacitorConfigAPI'] }, 'POST', '/kapacitor/v1/config/smtp',   true],
    ['with CreateUserAndRole: users',           { '': ['KapacitorAPI', 'CreateUserAndRole'] }, 'POST',  '/kapacitor/v1/users',         true],
    ['with ViewAdmin: backup',                  { '': ['KapacitorAPI', 'ViewAdmin'] },       'GET',    '/kapacitor/v1/storage/backup', true],
    ['with ViewAdmin: debug',                   { '': ['KapacitorAPI', 'ViewAdmin'] },       'GET',    '/kapacitor/v1/debug/vars',     true],
    ['KapacitorConfigAPI: the configuration',   CONFIG,                                      'DELETE', '/kapacitor/v1/config/smtp/x',  true],
    ['KapacitorConfigAPI: ping',                CONFIG,                                      'GET',    '/ping',                        true],
    ['WriteData: posting points',               WRITER,                                      'POST',   '/write',                       true],
    ['WriteData: ping',                         WRITER,                                      'GET',    '/kapacitor/v1/ping',           true],
    ['ReadData: ping',                          READER,                                      'GET',    '/kapacitor/v1/ping',           true],

    ['KapacitorAPI: the configuration',         API,                                         'GET',    '/kapacitor/v1/config',         false],
    ['KapacitorAPI: a section of it',           API,                                         'POST',   '/kapacitor/v1/config/smtp',    false],
    ['KapacitorAPI: by the preview',            API,                                         'GET',    '/kapacitor/v1preview/config',  false],
    ['KapacitorAPI: outside the base path',     API,                                         'GET',    '/config',                      false],
    ['KapacitorAPI: the list of users',         API,                                         'GET',    '/kapacitor/v1/users',          false],
    ['KapacitorAPI: making oneself admin',      API,                                         'PATCH',  '/kapacitor/v1/users/ann',      false],
    ['KapacitorAPI: the backup with hashes',    API,                                         'GET',    '/kapacitor/v1/storage/backup', false],
    ['KapacitorAPI: debug',                     API,                                         'GET',    '/kapacitor/v1/debug/pprof/heap', false],
    ['CreateUserAndRole opens no backup',       { '': ['KapacitorAPI', 'CreateUserAndRole'] }, 'GET',  '/kapacitor/v1/storage/backup', false],
    ['ViewAdmin opens no users',                { '': ['KapacitorAPI', 'ViewAdmin'] },       'GET',    '/kapacitor/v1/users',          false],
    ['ViewAdmin opens no configuration',        { '': ['KapacitorAPI', 'ViewAdmin'] },       'GET',    '/kapacitor/v1/config',         false],
    ['CreateUserAndRole without KapacitorAPI',  { '': ['CreateUserAndRole'] },               'GET',    '/kapacitor/v1/users',          false],
    ['ViewAdmin without KapacitorAPI',          { '': ['ViewAdmin'] },                       'GET',    '/kapacitor/v1/debug/vars',     false],
    ['KapacitorConfigAPI: tasks',               CONFIG,                                      'GET',    '/kapacitor/v1/tasks',          false],
    ['KapacitorConfigAPI: a name alike',        CONFIG,                                      'GET',    '/kapacitor/v1/configx',        false],
    ['KapacitorConfigAPI: no boundary',         CONFIG,                                      'GET',    '/kapacitor/v1config',          false],
    ['KapacitorConfigAPI: the base path twice', CONFIG,                                      'GET',    '/kapacitor/v1/kapacitor/v1/config', false],
    ['WriteData: reading at write',             WRITER,                                      'GET',    '/write',                       false],
    ['WriteData: tasks',                        WRITER,                                      'GET',    '/kapacitor/v1/tasks',          false],
    ['ReadData: posting points',                READER,                                      'POST',   '/write',                       false],
    ['WriteData narrows write for an API user', { '': ['KapacitorAPI'], telegraf: ['WriteData'] }, 'DELETE', '/write',                 false],
    ['and below it',                            { '': ['KapacitorAPI', 'WriteData'] },       'GET',    '/kapacitor/v1/write/x',        false],
    ['nothing granted',                         {},                                          'GET',    '/kapacitor/v1/ping',           false],
    ['everything that means nothing here',      { '': ['ViewChronograf', 'Monitor', 'DropData', 'Rebalance'] }, 'GET', '/ping',        false],
  ])('%s', (_says, granted, method, path, expected) => {
    expect(may(granted, method, path)).toBe(expected)
  })

  test.each<[string, Granted, string, boolean]>([
    // says                                        granted                                           database    expected
    ['the database itself',                        { telegraf: ['WriteData'] },                      'telegraf', true],
    ['the cluster-wide scope covers each',         { '': ['WriteData'] },                            'telegraf', true],
    ['and the nameless one',                       { '': ['WriteData'] },                            '',         true],
    ['one of several',                             { a: ['ReadData'], telegraf: ['WriteData'] },     'telegraf', true],
    ['another database',                           { telegraf: ['WriteData'] },                      'other',    false],
    ['no database named',                          { telegraf: ['WriteData'] },                      '',         false],
    ['a name that starts alike',                   { telegraf: ['WriteData'] },                      'telegraf2', false],
    ['another case',                               { telegraf: ['WriteData'] },                      'Telegraf', false],
    ['only reading',                               { telegraf: ['ReadData'] },                       'telegraf', false],
    ['a nearer entry hides the cluster-wide one',  { '': ['WriteData'], telegraf: ['ReadData'] },    'telegraf', false],
    ['KapacitorAPI is not of a database',          { '': ['KapacitorAPI'] },                         'telegraf', false],
    ['Kapacitor lets these two meet',              { 'a/b_c': ['WriteData'] },                       'a_b/c',    false],
    ['a slash is not a way down',                  { a: ['WriteData'] },                             'a/b',      false],
    ['an escaped slash is another name',           { 'a/b': ['WriteData'] },                         'a%2Fb',    false],
    ['dots lead nowhere',                          { telegraf: ['WriteData'] },                      'x/../telegraf', false],
    ['nor out to the cluster',                     { '..': ['WriteData'] },                          'telegraf', false],
  ])('points into %s', (_says, granted, database, expected) => {
    const scopes = Object.entries(granted).map(([scope, names]) => [scope, new Set(names)] as const)
    expect(isAuthorized(userWith(privilegesOf(new Map(scopes))), databaseWrite(database))).toBe(expected)
  })
})

test('D4: the deepest path that is judged costs one look-up for each segment', () => {
  let lookUps = 0
  let characters = 0
  const privileges = new (class extends Map<string, number> {
    override has(resource: string) {
      lookUps++
      characters += resource.length
      return super.has(resource)
    }
  })()
  const user = { name: 'ann', admin: false, privileges }
  const cost = (segments: number) => {
    lookUps = characters = 0
    const line = readRequestLine('GET', `/kapacitor/v1${'/x'.repeat(segments)}`)
    if (!(line instanceof AuthError)) expect(isAuthorized(user, line.action)).toBe(false)
    return [lookUps, characters]
  }
  expect(cost(62)).toEqual([64, 62 * 63 + 62 * 4 + 4 + 1])
  // Before: 7,502 look-ups of 112 million characters in all
  expect(cost(7_500)).toEqual([0, 0])
})
