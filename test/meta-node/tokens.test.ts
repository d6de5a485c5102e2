import { describe, expect, test } from 'vitest'
import { ADMIN_PERMISSIONS, type Permission, type Permissions } from '../../src/authz/permission.js'
import type { SubjectGroup, TokenOwner, User } from '../../src/authz/user.js'
import type { Caller } from '../../src/meta-node/access.js'
import { AT_ONCE, WAITING } from '../../src/meta-node/tokens/token-change-path.js'
import type { ChangeReport } from '../../src/registry/changes/change-report.js'
import type { Store } from '../../src/registry/store/store.js'
import { readToken, type TokenRecord, writeToken } from '../../src/registry/tokens/token-record.js'
import { digestOf } from '../../src/token/own-token.js'
import { startNode } from '../registry/node-bench.js'
import { tokensIn } from '../support/registry-tokens.js'
import { until } from '../support/until.js'

const on = (scope: string, ...names: Permission[]): Permissions => new Map([[scope, new Set(names)]])
/** Ann's. */
const HELD: Permissions = new Map([...on('db', 'ReadData'), ...on('db2', 'WriteData')])
const NONE: Permissions = new Map()
const READ_DB = [{ action: 'read', resource: 'db' }]

/** Who calls, as the sign-in would say it. */
const local = (name: string, permissions: Permissions = NONE): Caller => ({ kind: 'user', name, permissions })
const someone = (user: Partial<User>, permissions: Permissions = NONE): Caller =>
  ({ kind: 'user', name: user.name ?? 'x', permissions, user: { name: 'x', admin: false, privileges: new Map(), ...user } })
const subject = (id: string, group: SubjectGroup, permissions: Permissions = NONE): Caller =>
  someone({ name: `oidc:${id}`, kind: 'subject', issuer: 'https://sso', subject: id, group }, permissions)
const token = (id: string, owner: TokenOwner, permissions: Permissions): Caller =>
  someone({ name: `_token:${id}`, kind: 'token', tokenId: id, owner }, permissions)

/** A node at which `as` says who calls, with two users: ann may read db and write db2, and bob may do nothing. */
async function start() {
  const who: { caller: Caller } = { caller: { kind: 'node' } }
  const reports: ChangeReport[] = []
  const node = await startNode({ authenticate: async () => who.caller, onChange: (_source, report) => reports.push(report) })
  await node.registry.createUser('ann', 'hash', HELD)
  await node.registry.createUser('bob', 'hash')
  await node.registry.createUser('root', 'hash', ADMIN_PERMISSIONS)
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const init = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
    const answer = await node.get(`/api/v0/${path}`, { method, headers, ...init })
    const text = await answer.text()
    return { status: answer.status, text, json: text === '' ? undefined : JSON.parse(text), headers: answer.headers }
  }
  const as = (caller: Caller) => {
    who.caller = caller
    return { send, make: async (body: object) => (await send('POST', 'tokens', body)).json as { id: string; accessToken: string } }
  }
  return { ...node, as, send, reports }
}
const ANN = local('ann', HELD)
/** It was made, and it expired, before. */
const expire = (store: Store, digest: string) =>
  store.change(async (draft) => writeToken(draft, { ...((await readToken(draft, digest)) as TokenRecord), expiresAt: 1 }))
const ROOT = local('root', ADMIN_PERMISSIONS)

describe('the documented exchanges of InfluxDB 3', () => {
  test('create, list, get, update, delete', async () => {
    const { as, registry } = await start()
    const { send } = as(ROOT)
    const permissions = [{ action: 'read', resource: 'DatabaseOne' }, { action: 'write', resource: 'DatabaseTwo' }]
    const made = await send('POST', 'tokens', { description: 'Limited Access Token', permissions })
    const shape = {
      id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
      description: 'Limited Access Token', permissions, owner: { kind: 'user', name: 'root' },
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    }
    expect([made.status, made.json]).toEqual([200, { ...shape, accessToken: expect.stringMatching(/^kapa1_[\da-f]{64}$/) }])
    const { id, accessToken } = made.json
    expect((await registry.getToken(id))?.digest).toBe(digestOf(accessToken))

    const listed = await send('GET', 'tokens')
    expect([listed.status, listed.json]).toEqual([200, [shape]]) // shown once, and an expiry that is never is left out
    expect((await send('GET', `tokens/${id}`)).json).toEqual(shape)

    const changed = await send('PATCH', `tokens/${id}`, { description: 'Updated', permissions: [] })
    expect([changed.status, changed.json]).toEqual([200, { ...shape, description: 'Updated', permissions: [] }])
    const gone = await send('DELETE', `tokens/${id}`)
    expect([gone.status, gone.text]).toEqual([204, ''])
    expect((await send('GET', 'tokens')).json).toEqual([{ ...shape, description: 'Updated', permissions: [], revokedAt: expect.any(String) }])
    expect((await send('DELETE', `tokens/${id}`)).status).toBe(204)
    expect((await send('PATCH', `tokens/${id}`, { description: 'x' })).json).toEqual({ code: 409, message: 'the token is revoked: make a new one', error: 'the token is revoked: make a new one' })
  })

  test.each<[string, object[], object[]]>([
    // says                          permissions asked for                                         written
    ['every database',               [{ action: 'write', resource: '*' }],                         [{ action: 'write', resource: '*' }]],
    ['none',                         [],                                                           []],
    ['ours, by name',                [{ action: 'KapacitorAPI', resource: '' }],                   [{ action: 'KapacitorAPI', resource: '' }]],
    ['ours, on every database',      [{ action: 'Monitor', resource: '*' }],                       [{ action: 'Monitor', resource: '' }]],
    ['by our name for reading',      [{ action: 'ReadData', resource: 'db' }],                     READ_DB],
    ['the same twice',               [...READ_DB, ...READ_DB],                                     READ_DB],
    ['all',                          [{ action: 'all', resource: '' }],                            [{ action: 'all', resource: '' }]],
    ['a database of a strange name', [{ action: 'read', resource: '__proto__' }],                  [{ action: 'read', resource: '__proto__' }]],
  ])('permissions: %s', async (_says, permissions, written) => {
    const { as } = await start()
    const made = await as(ROOT).send('POST', 'tokens', { description: 'x', permissions })
    expect([made.status, made.json.permissions]).toEqual([200, written])
  })
})

test.each<[string, unknown, string]>([
  // says                        body                                                                                    message
  ['nothing',                    '',                                                                                     'the body is empty, a JSON object is expected'],
  ['no object',                  '[]',                                                                                   'the body must be a JSON object'],
  ['no JSON',                    '{',                                                                                    'not JSON: line 1, column 2: it ends too early'],
  ['a name twice',               '{"description":"a","description":"b"}',                                                'not JSON: line 1, column 20: "description" appears twice'],
  ['no description',             {},                                                                                     '"description" is missing'],
  ['an unknown field',           { description: 'a', permission: [] },                                                   'unknown field "permission" in the body, did you mean "permissions"?'],
  ['not a description',          { description: 1 },                                                                     '"description" must be a text in double quotes'],
  ['a long description',         { description: 'x'.repeat(501) },                                                       '"description" is 501 bytes long, 500 are allowed'],
  ['a line break in it',         { description: 'a\nb' },                                                                '"description" holds a control character'],
  ['permissions that are none',  { description: 'a', permissions: { db: ['ReadData'] } },                                '"permissions" must be a list like [{"action":"read","resource":"telegraf"}]'],
  ['an unknown action',          { description: 'a', permissions: [{ action: 'raed', resource: 'db' }] },                'unknown permission "raed"'],
  ['an action without resource', { description: 'a', permissions: [{ action: 'read' }] },                                '"resource" is missing'],
  ['one that is not an object',  { description: 'a', permissions: ['read'] },                                            'one of "permissions" is not an object like {"action":"read","resource":"db"}'],
  ['a permission and more',      { description: 'a', permissions: [{ action: 'read', resource: 'db', x: 1 }] },          'unknown field "x" in one of "permissions"'],
  ['NoPermissions',              { description: 'a', permissions: [{ action: 'NoPermissions', resource: '' }] },         'a token without permissions has an empty list: leave out "NoPermissions"'],
  ['all of one database',        { description: 'a', permissions: [{ action: 'all', resource: 'db' }] },                 '"all" is for all databases: its "resource" must be ""'],
  ['Kapacitor\'s API, of one db',  { description: 'a', permissions: [{ action: 'KapacitorAPI', resource: 'db' }] },        '"KapacitorAPI" is not limited to a database: its "resource" must be ""'],
  ['its configuration, of one',  { description: 'a', permissions: [{ action: 'KapacitorConfigAPI', resource: 'db' }] },  '"KapacitorConfigAPI" is not limited to a database: its "resource" must be ""'],
  ['not a database',             { description: 'a', permissions: [{ action: 'read', resource: 'a\u0000' }] },           'a "resource" in "permissions" holds a control character'],
  ['too many databases',         { description: 'a', permissions: Array.from({ length: 201 }, (_, i) => ({ action: 'read', resource: `db${i}` })) }, '"permissions" names 201 databases, 200 are allowed'],
  ['long permissions',           { description: 'a', permissions: Array.from({ length: 90 }, (_, i) => ({ action: 'read', resource: `${i}${'x'.repeat(200)}` })) }, '"permissions" is 19791 bytes long, 16384 are allowed'],
  ['not a time',                 { description: 'a', expiresAt: 'tomorrow' },                                            '"expiresAt" must be a time like "2030-01-01T00:00:00Z"'],
  ['a number for a time',        { description: 'a', expiresAt: 1 },                                                     '"expiresAt" must be a time like "2030-01-01T00:00:00Z"'],
  ['a time in the past',         { description: 'a', expiresAt: '2001-01-01T00:00:00Z' },                                '"expiresAt" is in the past'],
])('a token is not made of %s', async (_says, body, message) => {
  const { as, registry } = await start()
  const answer = await as(ROOT).send('POST', 'tokens', body)
  expect([answer.status, answer.json]).toEqual([400, { code: 400, message, error: message }])
  expect(await tokensIn(registry)).toEqual([])
})

test.each<[string, unknown, string]>([
  ['nothing',           {},                     'nothing to change: give description, permissions, expiresAt, or some of it'],
  ['its id',            { id: 'x' },            'unknown field "id" in the body'],
  ['its owner',         { owner: {} },          'unknown field "owner" in the body'],
  ['a past expiry',     { expiresAt: '1970-01-01T00:00:00Z' }, '"expiresAt" is in the past'],
])('a token does not change by %s', async (_says, body, message) => {
  const { as } = await start()
  const { make, send } = as(ROOT)
  const { id } = await make({ description: 'x' })
  const answer = await send('PATCH', `tokens/${id}`, body)
  expect([answer.status, answer.json.message]).toEqual([400, message])
})

test('an expiry is set, and taken away again', async () => {
  const { as } = await start()
  const { make, send } = as(ANN)
  const { id } = await make({ description: 'x', expiresAt: '2100-01-01T00:00:00+0000' })
  const expiryOf = async () => (await send('GET', `tokens/${id}`)).json.expiresAt
  expect(await expiryOf()).toBe('2100-01-01T00:00:00.000Z')
  expect((await send('PATCH', `tokens/${id}`, { description: 'y' })).json.expiresAt).toBe('2100-01-01T00:00:00.000Z')
  expect((await send('PATCH', `tokens/${id}`, { expiresAt: null })).json).not.toHaveProperty('expiresAt')
})

describe('OIDC 6: 30: nobody gives what they do not hold', () => {
  const MISSING = 'does not hold what the token is to grant: '
  test.each<[string, Caller, object[], number, string | undefined]>([
    // says                                caller                                    permissions                                        status  message
    ['what they hold',                     ANN,                                      READ_DB,                                           200, undefined],
    ['nothing',                            ANN,                                      [],                                                200, undefined],
    ['all that an administrator holds',    ROOT,                                     [{ action: 'all', resource: '' }],                 200, undefined],
    ['writing where they read',            ANN,                                      [{ action: 'write', resource: 'db' }],             403, `user ann ${MISSING}WriteData on database "db"`],
    ['every database, where they read one', ANN,                                     [{ action: 'read', resource: '*' }],               403, `user ann ${MISSING}ReadData on all databases`],
    ['two things',                         ANN,                                      [...READ_DB, { action: 'write', resource: 'a' }, { action: 'Monitor', resource: '' }], 403, `user ann ${MISSING}WriteData on database "a", Monitor on all databases`],
    ['all',                                ANN,                                      [{ action: 'all', resource: '' }],                 403, `user ann ${MISSING}ViewAdmin on all databases, ViewChronograf on all databases, CreateDatabase on all databases, CreateUserAndRole on all databases, AddRemoveNode on all databases and 13 more`],
    ['a subject with a role',              subject('s', 'Member', on('db', 'ReadData')), READ_DB,                                       200, undefined],
    ['a subject without',                  subject('s', 'Member'),                   READ_DB,                                           403, `subject oidc:s ${MISSING}ReadData on database "db"`],
    ['what was held when they signed in',  local('bob', on('db', 'ReadData')),       READ_DB,                                           403, `user bob ${MISSING}ReadData on database "db"`],
  ])('%s', async (_says, caller, permissions, status, message) => {
    const { as, reports } = await start()
    const answer = await as(caller).send('POST', 'tokens', { description: 'x', permissions })
    expect([answer.status, answer.json.message]).toEqual([status, message])
    expect(reports.at(-1)).toMatchObject(message ? { outcome: 'refused', code: 'ERR_PRIVILEGE_MISSING' } : { outcome: 'made' })
  })

  test('nor by a change', async () => {
    const { as } = await start()
    const { make, send } = as(ANN)
    const { id } = await make({ description: 'x', permissions: READ_DB })
    const refused = await send('PATCH', `tokens/${id}`, { permissions: [{ action: 'write', resource: 'db' }] })
    expect([refused.status, refused.json.message]).toEqual([403, `user ann ${MISSING}WriteData on database "db"`])
    const byRoot = await as(ROOT).send('PATCH', `tokens/${id}`, { permissions: [{ action: 'write', resource: 'db' }] })
    expect([byRoot.status, byRoot.json.message]).toEqual([403, `user ann ${MISSING}WriteData on database "db"`]) // hers
  })
})

describe('who may do what', () => {
  const SSO = { issuer: 'https://sso' }
  /** A token of ann's, one of the subject s, one of the node's. */
  async function withTokens() {
    const bench = await start()
    const ids = {
      ann: (await bench.as(ANN).make({ description: 'hers', permissions: READ_DB })).id,
      s: (await bench.as(subject('s', 'Member')).make({ description: 'theirs' })).id,
      node: (await bench.as({ kind: 'node' }).make({ description: 'its' })).id,
    }
    return { ...bench, ids }
  }
  const NOBODYS = 'tok'
  const sub = someone({ name: '_sub:1', kind: 'subscription', tokenId: '1' }, on('db', 'WriteData'))

  test.each<[string, (ids: Record<string, string>) => Caller, string[] | number, number, Record<'ann' | 's' | 'node', [get: number, patch: number, del: number]>]>([
    // says                  caller                                                                 lists               makes  get, change, revoke: of ann's, of s's, of the node's
    ['a node',               () => ({ kind: 'node' }),                                              ['ann', 's', 'node'], 200, { ann: [200, 200, 204], s: [200, 200, 204], node: [200, 200, 204] }],
    ['an administrator',     () => ROOT,                                                            ['ann', 's', 'node'], 200, { ann: [200, 200, 204], s: [200, 200, 204], node: [200, 200, 204] }],
    ['an Admin',             () => subject('t', 'Admin', ADMIN_PERMISSIONS),                        ['ann', 's', 'node'], 200, { ann: [200, 200, 204], s: [200, 200, 204], node: [200, 200, 204] }],
    ['an Auditor',           () => subject('t', 'Auditor'),                                         ['ann', 's', 'node'], 403, { ann: [200, 403, 403], s: [200, 403, 403], node: [200, 403, 403] }],
    ['the owner',            () => ANN,                                                             ['ann'],              200, { ann: [200, 200, 204], s: [404, 404, 404], node: [404, 404, 404] }],
    ['the subject',          () => subject('s', 'Member'),                                          ['s'],                200, { ann: [404, 404, 404], s: [200, 200, 204], node: [404, 404, 404] }],
    ['a user called so',     () => local('root'),                                                   [],                   200, { ann: [404, 404, 404], s: [404, 404, 404], node: [404, 404, 404] }],
    ['that of another issuer', () => someone({ kind: 'subject', issuer: 'https://other', subject: 's', group: 'Member' }), [], 200, { ann: [404, 404, 404], s: [404, 404, 404], node: [404, 404, 404] }],
    ["a subject of ann's name", () => subject('ann', 'Member'),                                     [],                   200, { ann: [404, 404, 404], s: [404, 404, 404], node: [404, 404, 404] }],
    ['another user',         () => local('bob'),                                                    [],                   200, { ann: [404, 404, 404], s: [404, 404, 404], node: [404, 404, 404] }],
    ['a token of ann',       () => token(NOBODYS, { kind: 'user', name: 'ann' }, on('db', 'ReadData')), 403,              403, { ann: [404, 404, 404], s: [404, 404, 404], node: [404, 404, 404] }],
    ['the token itself',     ({ ann = '' }) => token(ann, { kind: 'user', name: 'ann' }, on('db', 'ReadData')), 403,      403, { ann: [200, 403, 204], s: [404, 404, 404], node: [404, 404, 404] }],
    ['a token that grants all', () => token(NOBODYS, { kind: 'user', name: 'root' }, ADMIN_PERMISSIONS), ['ann', 's', 'node'], 200, { ann: [200, 200, 204], s: [200, 200, 204], node: [200, 200, 204] }],
    ['a subscription',       () => sub,                                                             403,                  403, { ann: [404, 404, 404], s: [404, 404, 404], node: [404, 404, 404] }],
  ])('%s', async (_says, callerOf, lists, makes, access) => {
    const { as, ids, registry } = await withTokens()
    const { send } = as(callerOf(ids))
    const listed = await send('GET', 'tokens')
    if (typeof lists === 'number') expect(listed.status).toBe(lists)
    else expect(listed.json.map(({ id }: { id: string }) => id)).toEqual(lists.map((who) => ids[who as 'ann']))
    for (const [who, [get, patch, del]] of Object.entries(access)) {
      const path = `tokens/${ids[who as 'ann']}`
      expect([who, (await send('GET', path)).status, (await send('PATCH', path, { description: 'new' })).status]).toEqual([who, get, patch])
      expect([who, (await send('DELETE', path)).status]).toEqual([who, del])
      const record = await registry.getToken(ids[who as 'ann'])
      expect([who, record?.description === 'new', record?.revokedAt !== undefined]).toEqual([who, patch === 200, del === 204])
    }
    expect((await send('POST', 'tokens', { description: 'x' })).status).toBe(makes)
  })

  test('a token that grants all makes tokens of its owner', async () => {
    const { as } = await start()
    const made = await as(token(NOBODYS, { kind: 'subject', ...SSO, subject: 's' }, ADMIN_PERMISSIONS)).send('POST', 'tokens', { description: 'x' })
    expect(made.json.owner).toEqual({ kind: 'subject', ...SSO, subject: 's' })
  })
})

test('what was done is reported, and no secret', async () => {
  const { as, reports } = await start()
  const { make, send } = as(ANN)
  const { id, accessToken } = await make({ description: 'x', permissions: READ_DB })
  await send('PATCH', `tokens/${id}`, { description: 'y' })
  await send('PATCH', `tokens/${id}`, { description: 'y' })
  await send('PATCH', `tokens/${id}`, { permissions: [{ action: 'write', resource: 'db' }] })
  await send('DELETE', `tokens/${id}`)
  await send('DELETE', `tokens/${id}`)
  const head = { subject: 'token', name: id }
  const x = { id, description: 'x', permissions: READ_DB, owner: { kind: 'user', name: 'ann' }, createdAt: expect.any(String) }
  const y = { ...x, description: 'y' }
  expect(reports).toEqual([
    { ...head, change: 'create', outcome: 'made', before: undefined, after: x },
    { ...head, change: 'update', outcome: 'made', before: x, after: y },
    { ...head, change: 'update', outcome: 'unchanged' },
    { ...head, change: 'update', outcome: 'refused', code: 'ERR_PRIVILEGE_MISSING' },
    { ...head, change: 'revoke', outcome: 'made', before: y, after: { ...y, revokedAt: expect.any(String) } },
    { ...head, change: 'revoke', outcome: 'unchanged' },
  ])
  expect(JSON.stringify(reports)).not.toContain(accessToken.slice(6))
  expect(JSON.stringify(reports)).not.toContain(digestOf(accessToken))
})

test.each([
  // method    path                    body
  ['POST',     'tokens',               '{"description":"x"}'],
  ['PATCH',    'tokens/ID',            '{"description":"x"}'],
  ['DELETE',   'tokens/ID',            undefined],
  ['POST',     'subscriptions',        '{"database":"db","policy":"rp","name":"s"}'],
  ['DELETE',   'subscriptions/SUB',    undefined],
])('%s %s is not taken from a page of another site', async (method, path, body) => {
  const { as, registry } = await start()
  const { make, send } = as(ROOT)
  const { id } = await make({ description: 'first' })
  const { id: subId } = (await send('POST', 'subscriptions', { database: 'db', policy: 'rp', name: 's' })).json
  const before = [await tokensIn(registry), await registry.listSubscriptionTokens()]
  for (const headers of [{ Origin: 'https://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }]) {
    const answer = await send(method, path.replace('ID', id).replace('SUB', subId), body, headers as Record<string, string>)
    expect([answer.status, answer.json.message]).toEqual([403, 'changes are not taken from pages of other sites'])
  }
  expect([await tokensIn(registry), await registry.listSubscriptionTokens()]).toEqual(before)
})

test.each([
  // method  path                                                    status  allow
  ['GET',    'tokens/nothing',                                       404,    null],
  ['GET',    'tokens/0190163b-2c00-7000-8000-000000000000',          404,    null],
  ['GET',    'tokens/%00',                                           404,    null],
  ['DELETE', 'tokens/__proto__',                                     404,    null],
  ['GET',    'tokens/',                                              404,    null],
  ['GET',    'Tokens',                                               404,    null],
  ['GET',    'tokens/a/b',                                           404,    null],
  ['GET',    'databases',                                            404,    null],
  ['PUT',    'tokens',                                               405,    'HEAD, GET, POST'],
  ['DELETE', 'tokens',                                               405,    'HEAD, GET, POST'],
  ['POST',   'tokens/nothing',                                       405,    'HEAD, GET, PATCH, DELETE'],
  ['POST',   'lookup',                                               405,    'HEAD, GET'],
])('%s %s: %i', async (method, path, status, allow) => {
  const { as } = await start()
  const answer = await as(ROOT).send(method, path)
  expect([answer.status, answer.json.code, answer.headers.get('allow')]).toEqual([status, status, allow])
})

test('a body of any length is not read', async () => {
  const { as } = await start()
  expect((await as(ROOT).send('POST', 'tokens', `{"description":"${'x'.repeat(1024 * 1024)}"}`)).status).toBe(413)
})

describe('subscription tokens', () => {
  const WANTED = { database: 'db', policy: 'autogen', name: 'kapacitor-1' }
  test('are made, listed without the secret, and revoked', async () => {
    const { as, registry, reports } = await start()
    const { send } = as({ kind: 'node' })
    const made = await send('POST', 'subscriptions', { ...WANTED, gateway: 'gw-1' })
    const shape = { id: expect.any(String), ...WANTED, gateway: 'gw-1', createdAt: expect.any(String) }
    expect([made.status, made.json]).toEqual([200, { ...shape, accessToken: expect.stringMatching(/^[\da-f]{64}$/) }])
    const { id, accessToken } = made.json
    expect(await registry.findSubscriptionToken(digestOf(accessToken))).toMatchObject(WANTED)
    expect((await send('GET', 'subscriptions')).json).toEqual([shape])
    expect((await send('GET', `subscriptions/${id}`)).json).toEqual(shape)
    expect((await send('DELETE', `subscriptions/${id}`)).status).toBe(204)
    expect((await send('GET', 'subscriptions')).json).toEqual([{ ...shape, revokedAt: expect.any(String) }])
    expect(reports.map(({ change, subject, outcome }) => [change, subject, outcome])).toEqual([['create', 'subscription', 'made'], ['revoke', 'subscription', 'made']])
    expect(JSON.stringify(reports)).not.toContain(accessToken)
  })

  const manager = (database: string, ...more: Permission[]) => local('ann', on(database, 'ManageSubscription', ...more))
  test.each<[string, Caller, number, boolean]>([
    // says                                    caller                                  makes  sees
    ['a node',                                 { kind: 'node' },                       200,   true],
    ['an administrator',                       ROOT,                                   200,   true],
    ['who manages its subscriptions',          manager('db', 'WriteData'),             200,   true],
    ['who manages all subscriptions',          manager('', 'WriteData'),               200,   true],
    ['who may not write there',                manager('db'),                          403,   false],
    ["who manages another database's",         manager('db2', 'WriteData'),            403,   false],
    ['an Auditor',                             subject('s', 'Auditor'),                403,   true],
    ['a Member',                               subject('s', 'Member'),                 403,   false],
    ['a user',                                 ANN,                                    403,   false],
    ['another subscription',                   someone({ kind: 'subscription' }, on('db', 'WriteData')), 403, false],
  ])('%s', async (_says, caller, makes, sees) => {
    const { as } = await start()
    const { id } = (await as(ROOT).send('POST', 'subscriptions', WANTED)).json
    const { send } = as(caller)
    expect((await send('GET', 'subscriptions')).json.length).toBe(sees ? 1 : 0)
    expect((await send('GET', `subscriptions/${id}`)).status).toBe(sees ? 200 : 404)
    expect((await send('POST', 'subscriptions', WANTED)).status).toBe(makes)
    expect((await send('DELETE', `subscriptions/${id}`)).status).toBe(makes === 200 ? 204 : sees ? 403 : 404)
  })

  test.each<[string, unknown, string]>([
    ['no database',      { policy: 'rp', name: 's' },                          '"database" is missing'],
    ['an empty policy',  { ...WANTED, policy: '' },                            '"policy" is empty'],
    ['not a name',          { ...WANTED, name: 'a\u0000' },                    '"name" holds a control character'],
    ['more',             { ...WANTED, token: 'x' },                            'unknown field "token" in the body'],
  ])('are not made of %s', async (_says, body, message) => {
    const { as } = await start()
    const answer = await as(ROOT).send('POST', 'subscriptions', body)
    expect([answer.status, answer.json.message]).toEqual([400, message])
  })
})

describe('9: one caller does not hold all changes up:', () => {
  test.each<[string, (bench: Awaited<ReturnType<typeof start>>, held: Promise<never>) => void, string, object]>([
    ['own tokens',              ({ registry }, held) => { registry.createToken = () => held },             'tokens',         { description: 'x', permissions: [] }],
    ['tokens of subscriptions', ({ registry }, held) => { registry.createSubscriptionToken = () => held }, 'subscriptions',  { database: 'db', policy: 'rp', name: 's' }],
  ])('%s', async (_says, hold, path, body) => {
    const bench = await start()
    let release = () => {}
    const held = new Promise<never>((_resolve, reject) => { release = () => reject(new Error('the end')) })
    hold(bench, held)
    const sent = Array.from({ length: AT_ONCE + WAITING + 1 }, () => bench.as(ROOT).send('POST', path, body))
    const refused = await Promise.race(sent)
    expect([refused.status, refused.json.error]).toEqual([503, 'too many of your changes wait, try again'])
    release()
    const statuses = (await Promise.all(sent)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 500).length).toBe(AT_ONCE + WAITING)
  })
})

describe('what nodes ask', () => {
  const asNode = async () => {
    const bench = await start()
    const made = await bench.as(ANN).make({ description: 'x', permissions: [...READ_DB, { action: 'write', resource: 'db2' }], expiresAt: '2100-01-01T00:00:00Z' })
    const lookup = (query: string) => bench.as({ kind: 'node' }).send('GET', `lookup?${query}`)
    return { ...bench, ...made, digest: digestOf(made.accessToken), lookup }
  }

  test('what a token grants now: no more than its owner holds', async () => {
    const { lookup, digest, registry, id } = await asNode()
    const ask = async () => (await lookup(`token=${digest}`)).json.token
    expect(await ask()).toEqual({ id, owner: { kind: 'user', name: 'ann' }, permissions: { db: ['ReadData'], db2: ['WriteData'] }, expiresIn: expect.any(Number) })
    await registry.removeUserPermissions('ann', on('db', 'ReadData'))
    expect((await ask()).permissions).toEqual({ db2: ['WriteData'] })
    await registry.addUserPermissions('ann', on('', 'ReadData'))
    expect((await ask()).permissions).toEqual({ db: ['ReadData'], db2: ['WriteData'] })
  })

  test.each<[string, (bench: Awaited<ReturnType<typeof asNode>>) => Promise<unknown>]>([
    ['is revoked',          ({ registry, id }) => registry.revokeToken(id)],
    ["'s owner is gone",    ({ registry }) => registry.deleteUser('ann')],
    ["'s owner is another of that name", async ({ registry }) => { await registry.deleteUser('ann'); await registry.createUser('ann', 'hash', ADMIN_PERMISSIONS) }],
  ])('a token that %s is unknown', async (_says, change) => {
    const bench = await asNode()
    await change(bench)
    const answer = await bench.lookup(`token=${bench.digest}`)
    expect([answer.status, answer.json.error]).toEqual([404, 'token not found'])
  })

  type Bench = Awaited<ReturnType<typeof asNode>>
  const subscribed = async ({ as, registry }: Bench) => {
    const { id, accessToken } = (await as(ROOT).send('POST', 'subscriptions', { database: 'db', policy: 'rp', name: 's' })).json
    await registry.revokeSubscriptionToken(id)
    return { query: `subscription=${digestOf(accessToken)}`, id }
  }

  test.each<[string, (bench: Bench) => Promise<{ query: string; id?: string }>, string]>([
    // says                          what is asked for                                                                                                          reason
    ['a revoked one',                async ({ registry, id, digest }) => { await registry.revokeToken(id); return { query: `token=${digest}`, id } },            'revoked'],
    ['one that has expired',         async ({ store, id, digest }) => { await expire(store, digest); return { query: `token=${digest}`, id } },                  'expired'],
    ['one of a deleted user',        async ({ registry, id, digest }) => { await registry.deleteUser('ann'); return { query: `token=${digest}`, id } },          'revoked'],
    ['one whose owner is gone',      async ({ store, id, digest }) => { await store.change((draft) => draft.remove(['user', 'ann'])); return { query: `token=${digest}`, id } }, 'owner gone'],
    ['one that nobody made',         async () => ({ query: `token=${'a'.repeat(64)}` }),                                                                         'unknown'],
    ["a subscription's",             subscribed,                                                                                                                 'revoked'],
    ["a subscription's, to look",    async (bench) => { const { query, id } = await subscribed(bench); return { query: `${query}&peek=true`, id } },             'revoked'],
    ["a subscription's that nobody made", async () => ({ query: `subscription=${'a'.repeat(64)}` }),                                                             'unknown'],
  ])('why %s may not be used; the error is what earlier versions compare', async (_says, ask, reason) => {
    const bench = await asNode()
    const { query, id } = await ask(bench)
    const answer = await bench.lookup(query)
    expect([answer.status, answer.json]).toEqual([404, { code: 404, message: 'token not found', error: 'token not found', ...(id && { id }), reason }])
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(answer.text).not.toMatch(/[\da-f]{64}/)
  })

  test('no other request is told', async () => {
    const { as, registry, id, digest } = await asNode()
    await registry.revokeToken(id)
    const bob = local('bob')
    for (const [caller, path] of [[bob, `tokens/${id}`], [ROOT, `tokens/${digest}`], [ROOT, 'subscriptions/x']] as const) {
      expect((await as(caller).send('GET', path)).json).toEqual({ code: 404, message: expect.stringMatching(/token not found$/), error: expect.any(String) })
    }
  })

  test.each<[string, string, number]>([
    ['nothing',                '',                                                              400],
    ['both',                   `token=${'a'.repeat(64)}&subscription=${'a'.repeat(64)}`,        400],
    ['the token itself',       `token=kapa1_${'a'.repeat(64)}`,                                 400],
    ['another digest',         `token=${'a'.repeat(64)}`,                                       404],
    ['the same in capitals',   `token=${'A'.repeat(64)}`,                                       400],
    ['not a peek',             `token=${'a'.repeat(64)}&peek=1`,                                400],
    ['twice the same',         `token=${'a'.repeat(64)}&token=${'a'.repeat(64)}`,               400],
  ])('%s: %s', async (_says, query, status) => {
    expect((await (await asNode()).lookup(query)).status).toBe(status)
  })

  test('a token is not found as a subscription, nor the other way round', async () => {
    const { lookup, as, digest } = await asNode()
    const { accessToken } = (await as(ROOT).send('POST', 'subscriptions', { database: 'db', policy: 'rp', name: 's' })).json
    expect((await lookup(`subscription=${digestOf(accessToken)}`)).json).toEqual({ subscription: { id: expect.any(String), database: 'db', policy: 'rp' } })
    expect((await lookup(`token=${digestOf(accessToken)}`)).status).toBe(404)
    expect((await lookup(`subscription=${digest}`)).status).toBe(404)
  })

  test('15: a look-up notes a use, but with peek=true', async () => {
    const { lookup, as, registry } = await asNode()
    const [peeked, used] = await Promise.all(['rp', 'rp2'].map(async (policy) => (await as(ROOT).send('POST', 'subscriptions', { database: 'db', policy, name: 's' })).json))
    await lookup(`subscription=${digestOf(peeked.accessToken)}&peek=true`)
    await lookup(`subscription=${digestOf(used.accessToken)}`)
    const lastUse = async ({ id }: { id: string }) => (await registry.getSubscriptionToken(id))?.lastUsedAt
    await until(async () => (await lastUse(used)) !== undefined) // one is noted after the other
    expect(await lastUse(peeked)).toBeUndefined()
  })

  test.each<[string, Caller]>([
    ['a user', ANN], ['an auditor', subject('s', 'Auditor')], ['a member', subject('s', 'Member')], ['a token', token('t', { kind: 'user', name: 'ann' }, on('db', 'ReadData'))],
  ])('is not told to %s', async (_says, caller) => {
    const { as, digest } = await asNode()
    expect((await as(caller).send('GET', `lookup?token=${digest}`)).status).toBe(403)
  })
})

test('a token of somebody who was struck from the list is shown as such, until they are listed again', async () => {
  const listed = new Set(['marty'])
  const who: { caller: Caller } = { caller: subject('marty', 'Member') }
  const node = await startNode({ authenticate: async () => who.caller, isSubjectListed: ({ subject: id }) => listed.has(id) })
  const made = await node.get('/api/v0/tokens', { method: 'POST', body: '{"description":"x"}' })
  const { id } = await made.json() as { id: string }
  who.caller = ROOT
  const shows = async () => [
    (await (await node.get('/api/v0/tokens')).json() as { unusable?: string }[]).map(({ unusable }) => unusable),
    (await (await node.get(`/api/v0/tokens/${id}`)).json() as { unusable?: string }).unusable,
  ]
  expect(await shows()).toEqual([[undefined], undefined])
  listed.clear()
  expect(await shows()).toEqual([['owner not listed'], 'owner not listed'])
  listed.add('marty')
  expect(await shows()).toEqual([[undefined], undefined])
})
