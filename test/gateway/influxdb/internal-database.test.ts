// InfluxDB keeps the tokens of subscriptions in its database _internal: reading all databases does not include that one.
import { expect, test } from 'vitest'
import { createSubjectAccount } from '../../../src/authn/subjects/subject-account.js'
import { ADMIN_PERMISSIONS, hasPermission, type Permission, type Permissions, privilegesOf } from '../../../src/authz/permission.js'
import { permissionsWithin } from '../../../src/authz/permissions-within.js'
import type { User } from '../../../src/authz/user.js'
import { authorizeQuery } from '../../../src/gateway/influxdb/query/authorize-query.js'
import { grantRows, privilegeOn } from '../../../src/gateway/influxdb/query/database-privilege.js'
import { explainQuery } from '../../../src/gateway/influxdb/query/explain-query.js'
import { createPrepareQuery, isPrepared } from '../../../src/gateway/influxdb/query/prepare-query.js'

const grants = (scopes: Record<string, Permission[]>): Permissions => new Map(Object.entries(scopes).map(([scope, names]) => [scope, new Set(names)]))
const holding = (permissions: Permissions): User => ({ name: 'ann', admin: false, privileges: privilegesOf(permissions) })
const subject = (group: 'Admin' | 'Auditor', permissions: Permissions = new Map()) =>
  createSubjectAccount({ issuer: 'i', subject: 'eve', roles: ['r'] }, group, [{ role: 'r', permissions }]).user

const EVERYWHERE = grants({ '': ['ReadData', 'WriteData'] })
const BY_NAME = grants({ '': ['ReadData'], _internal: ['ReadData'] })

const ALL = holding(EVERYWHERE)
const NAMED = holding(BY_NAME)
const AUDITOR = subject('Auditor')
const WRITER = subject('Auditor', grants({ _internal: ['WriteData'] }))
const NAMED_AUDITOR = subject('Auditor', grants({ _internal: ['ReadData'] }))
const ADMIN = subject('Admin')

const prepare = createPrepareQuery()
function isAllowed(user: User, text: string, database: string): boolean {
  const query = prepare(text)
  if (!isPrepared(query)) throw new Error(query.message)
  return authorizeQuery(user, query, { database, isByPassword: true }) === undefined
}

const TOKENS = '_internal.monitor.subscriber'
test.each([
  // query                                                                                                   db          may run
  [`SELECT * FROM ${TOKENS}`,                                                                              'telegraf', false],
  ['SELECT * FROM "_internal".."subscriber"',                                                              'telegraf', false],
  ['SELECT * FROM _internal..subscriber GROUP BY destination',                                             'telegraf', false],
  ['SELECT * FROM subscriber',                                                                             '_internal', false],
  ['SELECT * FROM /.*/',                                                                                   '_internal', false],
  ['SELECT * FROM "_internal".monitor./subs.*/',                                                           'telegraf', false],
  [`SELECT * FROM cpu, ${TOKENS}`,                                                                         'telegraf', false],
  [`SELECT * FROM (SELECT * FROM ${TOKENS})`,                                                              'telegraf', false],
  [`SELECT * FROM (SELECT * FROM (SELECT max(x) FROM cpu), (SELECT * FROM ${TOKENS}))`,                    'telegraf', false],
  [`SELECT * INTO copy FROM ${TOKENS}`,                                                                    'telegraf', false],
  [`EXPLAIN ANALYZE SELECT * FROM ${TOKENS}`,                                                              'telegraf', false],
  [`CREATE CONTINUOUS QUERY c ON telegraf BEGIN SELECT max(x) INTO y FROM ${TOKENS} GROUP BY time(1m) END`, 'telegraf', false],
  ['SHOW TAG VALUES ON _internal WITH KEY = destination',                                                  'telegraf', false],
  ['SHOW TAG VALUES WITH KEY = destination',                                                               '_internal', false],
  [`SHOW TAG VALUES FROM ${TOKENS} WITH KEY = destination`,                                                'telegraf', false],
  ['SHOW SERIES ON _internal',                                                                             'telegraf', false],
  ['SHOW SERIES',                                                                                          '_internal', false],
  [`SHOW SERIES FROM ${TOKENS}`,                                                                           'telegraf', false],
  [`SHOW SERIES EXACT CARDINALITY FROM ${TOKENS}`,                                                         'telegraf', false],
  ['SHOW MEASUREMENTS ON _internal',                                                                       'telegraf', false],
  ['SHOW FIELD KEYS ON _internal',                                                                         'telegraf', false],
  ['SHOW DATABASES; SHOW SERIES ON _internal',                                                             'telegraf', false],
  ['SELECT * FROM cpu',                                                                                    'telegraf', true],
  ['SHOW SERIES ON other',                                                                                 'telegraf', true],
  ['SHOW TAG VALUES WITH KEY = destination',                                                               'telegraf', true],
  ['SELECT * FROM _internals..subscriber',                                                                 'telegraf', true],
])('%s with db=%s', (text, database, expected) => {
  for (const user of [ALL, AUDITOR, WRITER]) expect(isAllowed(user, text, database)).toBe(expected)
  expect(isAllowed(ADMIN, text, database)).toBe(true)
  if (text.includes('INTO')) return // takes WRITE, too
  for (const user of [NAMED, NAMED_AUDITOR]) expect(isAllowed(user, text, database)).toBe(true)
})

test('an auditor still sees what only administrators see beside', () => {
  for (const text of ['SHOW STATS', 'SHOW DIAGNOSTICS', 'SHOW SUBSCRIPTIONS', 'SHOW USERS', 'SHOW SHARDS']) {
    expect(isAllowed(AUDITOR, text, '')).toBe(true)
    expect(isAllowed(ALL, text, '')).toBe(false)
  }
})

test('privileges, SHOW GRANTS and explanations say the same', () => {
  expect([ALL, AUDITOR, NAMED, ADMIN].map((user) => privilegeOn(user, '_internal') !== 0)).toEqual([false, false, true, true])
  expect(grantRows(EVERYWHERE, ['_internal', 'telegraf']).map(({ database }) => database)).toEqual(['telegraf'])
  expect(grantRows(BY_NAME, ['_internal', 'telegraf']).map(({ database }) => database)).toEqual(['_internal', 'telegraf'])
  const query = prepare('SELECT * FROM _internal..subscriber')
  if (!isPrepared(query)) throw new Error(query.message)
  expect(explainQuery({ user: ALL, hash: '', permissions: EVERYWHERE }, query.statements, 'telegraf')).toMatchObject({ allowed: false, reasons: [{ allowed: false, resource: '/database/_internal_clean', sources: [] }] })
})

test.each([
  // what is held                              includes     granted
  [EVERYWHERE,                                 false,        false],
  [grants({ telegraf: ['ReadData'] }),         false,        false],
  [BY_NAME,                                    true,         true],
  [grants({ _internal: ['ReadData'] }),        true,         true],
  [ADMIN_PERMISSIONS,                          true,         true],
])('nobody makes a token or a grant for it who does not hold it by its name (row %#)', (held, includes, granted) => {
  expect(hasPermission(held, 'ReadData', '_internal')).toBe(includes)
  expect(permissionsWithin(grants({ _internal: ['ReadData'] }), held).has('_internal')).toBe(granted)
  expect(permissionsWithin(grants({ '': ['ReadData'] }), held).has('_internal')).toBe(false)
})
