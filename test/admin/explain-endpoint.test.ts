import fc from 'fast-check'
import Koa from 'koa'
import { afterEach, describe, expect, test } from 'vitest'
import { type Explanation, explain } from '../../src/admin/explain-endpoint.js'
import { createAccount } from '../../src/authn/directory/account.js'
import { subscriptionKey, tokenKey } from '../../src/authn/directory/account-key.js'
import type { Account, Directory } from '../../src/authn/directory/directory.js'
import { createListDirectory } from '../../src/authn/directory/list-directory.js'
import { createSubscriptionAccount, createTokenAccount } from '../../src/authn/directory/token-account.js'
import { PERMISSIONS, type Permission, type Permissions } from '../../src/authz/permission.js'
import type { TokenOwner } from '../../src/authz/user.js'
import { loadConfig } from '../../src/config/load-config.js'
import { AuthError, type RefusedToken } from '../../src/errors.js'
import { authorize } from '../../src/middleware/authorization.js'
import { kapacitorAuth } from '../../src/middleware/kapacitor-auth.js'
import { readRequestLine } from '../../src/middleware/request-line.js'
import { quickHash, quickHasher } from '../support/fixed-hasher.js'
import { basic, startServer } from '../support/servers.js'

const TASKS = '/kapacitor/v1/tasks'
const USERS = createListDirectory([
  { name: 'ann', hash: quickHash('apw'), permissions: { '': ['KapacitorAPI'], telegraf: ['WriteData'] } },
  { name: 'weak', hash: quickHash('wpw') },
])

/** A directory with subjects and tokens, and one local user whose name is older than the rule. */
const API = new Map([['', new Set(['KapacitorAPI' as const])]])
const token = (id: string, digest: string, permissions: Permissions, owner: TokenOwner) => [tokenKey(digest), createTokenAccount({ id, digest, owner, permissions, lifetime: undefined })] as const
const ACCOUNTS = new Map<string, Account>([
  ['oidc:old', createAccount('oidc:old', '', API)],
  token('1', 'a'.repeat(64), API, { kind: 'user', name: 'ann' }),
  token('2', 'b'.repeat(64), new Map(), { kind: 'subject', issuer: 'https://idp', subject: 'mia' }),
  ['_token:old', createAccount('_token:old', '', API)],
  [subscriptionKey('d'.repeat(64)), createSubscriptionAccount({ id: '1', digest: 'd'.repeat(64), database: 'db', policy: 'rp' })],
])
const REFUSED = new Map<string, RefusedToken>([
  [tokenKey('f'.repeat(64)), { id: '5', reason: 'revoked' }],
  [tokenKey('1'.repeat(64)), { id: '6', reason: 'expired' }],
  [tokenKey('2'.repeat(64)), { id: '7', reason: 'owner gone' }],
  [tokenKey('3'.repeat(64)), { id: '8', reason: 'owner not listed' }],
])
/** What is shown by a name; nothing is said of token 4. */
const SHOWN: Record<string, string> = { '_token:1': tokenKey('a'.repeat(64)), '_token:2': tokenKey('b'.repeat(64)), '_token:4': tokenKey('e'.repeat(64)), '_token:5': tokenKey('f'.repeat(64)), '_sub:1': subscriptionKey('d'.repeat(64)) }
const LISTED = { 'oidc.issuer': 'https://idp', 'oidc.client-id': 'app', 'oidc.members': 'mia', 'oidc.auditors': 'aud' }
const OTHERS: Directory = { find: async (key) => ACCOUNTS.get(key) ?? REFUSED.get(key), keyOf: async (name) => SHOWN[name], checkPassword: async () => false }
const silent = { info: () => {}, warn: () => {}, error: () => {} }

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => { for (const close of closing.splice(0)) await close() })

function authOf(overrides: Record<string, string> = {}, directory: Directory = USERS) {
  const auth = kapacitorAuth(loadConfig({ file: false, env: {}, overrides }), { directory, hasher: quickHasher, logger: silent })
  closing.push(() => auth.close())
  return auth
}

const ask = (user: string, method: string, path: string, auth = authOf()) => explain(auth, { user, method, path })

test.each([
  // what the cache calls somebody by is not a name
  [tokenKey('a'.repeat(64))], [subscriptionKey('d'.repeat(64))], ['\0subject:["https://idp","mia"]'], ['\0subject:{}'], ['\0subject:['], ['\0'],
])('%j is nobody', async (user) => {
  const auth = authOf(LISTED, OTHERS)
  expect(await ask(user, 'GET', TASKS, auth)).toMatchObject({ code: 'ERR_NOT_FOUND', message: expect.stringMatching(/^user .* not found$/) })
})

describe('what a request would be told, and why', () => {
  test.each<[string, string, string, string, Partial<Explanation>, unknown[]]>([
    // says                        user    method    path                                 expected
    ['a user who may',             'ann',  'GET',    TASKS,                               { allowed: true },
      [{ allowed: true, privilege: 'read', resource: '/api/tasks', decidedBy: '/api', held: 'all', sources: [{ permission: 'KapacitorAPI', database: '' }] }]],
    ['a user who may not',         'weak', 'DELETE', `${TASKS}/x`,                        { allowed: false, refusal: `user weak does not have "delete" privilege for API endpoint "${TASKS}/x"` },
      [{ allowed: false, privilege: 'delete', resource: '/api/tasks/x', sources: [] }]],
    ['points for a database',      'ann',  'POST',   '/write?db=telegraf',                { allowed: true },
      [{ resource: '/api/write', allowed: true }, { resource: '/database/telegraf_clean', allowed: true, privilege: 'write', sources: [{ permission: 'WriteData', database: 'telegraf' }] }]],
    ['points for another',         'ann',  'POST',   '/kapacitor/v1/write?db=other',      { allowed: false, refusal: 'user ann does not have "write" privilege for database "other"' },
      [{ resource: '/api/write', allowed: true }, { resource: '/database/other_clean', allowed: false, sources: [] }]],
    ['points for none',            'ann',  'POST',   '/write',                            { allowed: false, refusal: 'user ann does not have "write" privilege for database ""' },
      [{ resource: '/api/write' }, { resource: '/database', allowed: false }]],
    ['points for two',             'ann',  'POST',   '/write?db=telegraf&db=other',       { allowed: false, refusal: 'ambiguous parameter db' },
      [{ resource: '/api/write', allowed: true }]],
    ['reading where it is written', 'ann', 'GET',    '/write?db=other',                   { allowed: false },
      [{ resource: '/api/write', held: 'write' }]],
    ['asking for headers',         'weak', 'HEAD',   TASKS,                               { allowed: true },
      [{ privilege: 'none', allowed: true }]],
    ['an escape',                  'weak', 'GET',    '/kapacitor/v1/%74asks',             { allowed: false, path: '/kapacitor/v1/%74asks' },
      [{ resource: '/api/tasks' }]],
  ])('%s', async (_says, user, method, path, expected, reasons) => {
    const answer = await ask(user, method, path)
    expect(answer).toMatchObject({ user, method, path, ...expected, reasons })
    expect((answer as Explanation).age).toBeGreaterThanOrEqual(0)
    expect(answer).not.toHaveProperty('exemption')
  })

  test.each<[string, string, string, string, string, string]>([
    // says                   user      method      path                  code                   message
    ['an unknown user',       'nobody', 'GET',      TASKS,                'ERR_NOT_FOUND',       'user "nobody" not found'],
    ['a subject',             'oidc:x', 'GET',      TASKS,                'ERR_NOT_FOUND',       'subject "x" is not listed; add it to [oidc] admins, auditors or members, or to the users of the oidc file'],
    ['a token',               '_token:1', 'GET',    TASKS,                'ERR_NOT_FOUND',       'token "_token:1" not found'],
    ['an unknown method',     'ann',    'get',      TASKS,                'ERR_REQUEST_INVALID', '"method": method not allowed'],
    ['a method of others',    'ann',    'PROPFIND', TASKS,                'ERR_REQUEST_INVALID', '"method": method not allowed'],
    ['a path with dots',      'ann',    'GET',      '/kapacitor/v1/../x', 'ERR_REQUEST_INVALID', '"path": ambiguous request path'],
    ['a whole URL',           'ann',    'GET',      'http://me/x',        'ERR_REQUEST_INVALID', '"path": ambiguous request path'],
  ])('%s is an error', async (_says, user, method, path, code, message) => {
    const answer = await ask(user, method, path)
    expect(answer).toBeInstanceOf(AuthError)
    expect(answer).toMatchObject({ code, message })
  })

  test.each<[string, { user?: string; token?: string }, Partial<Explanation>]>([
    // says                               asked                     answer
    ['a member, whose roles are unknown', { user: 'oidc:mia' },     { user: 'oidc:mia', kind: 'subject', group: 'Member', allowed: false, refusal: `subject oidc:mia does not have "read" privilege for API endpoint "${TASKS}"` }],
    ['an auditor',                        { user: 'oidc:aud' },     { user: 'oidc:aud', kind: 'subject', group: 'Auditor', allowed: true }],
    ['a local user of such a name',       { user: 'oidc:old' },     { user: 'oidc:old', allowed: true }],
    ['a token, by its id',                { user: '_token:1' },     { user: '_token:1', kind: 'token', owner: 'user ann', allowed: true }],
    ["a subject's token, by its id",      { user: '_token:2' },     { user: '_token:2', kind: 'token', owner: 'subject mia of https://idp', allowed: false }],
    ["a local user of a token's name",    { user: '_token:old' },   { user: '_token:old', allowed: true }],
    ["a subscription's token",            { user: '_sub:1' },       { user: '_sub:1', kind: 'subscription', policy: 'rp', allowed: false, refusal: `subscription token _sub:1 does not have "read" privilege for API endpoint "${TASKS}"` }],
    ['a token that may',                  { token: 'a'.repeat(64) }, { user: '_token:1', kind: 'token', owner: 'user ann', allowed: true }],
    ['a token that may not',              { token: 'b'.repeat(64) }, { user: '_token:2', kind: 'token', owner: 'subject mia of https://idp', allowed: false, refusal: `token _token:2 does not have "read" privilege for API endpoint "${TASKS}"` }],
  ])('who is not a local user: %s', async (_says, { user = '', token }, expected) => {
    const answer = await explain(authOf(LISTED, OTHERS), { user, token, method: 'GET', path: TASKS })
    expect(answer).toMatchObject(expected)
    if (user.endsWith(':old')) expect(answer).not.toHaveProperty('kind')
    expect(JSON.stringify(answer)).not.toMatch(/aaaa|bbbb|u0000/)
  })

  test.each<[string, { user?: string; token?: string }, string]>([
    ['a subject that is not listed',  { user: 'oidc:eve' },        'subject "eve" is not listed; add it to [oidc] admins, auditors or members, or to the users of the oidc file'],
    ['a token that nobody knows',     { token: 'c'.repeat(64) },   'the token is unknown, revoked or expired, or its owner may not sign in any more'],
    ['a token of a digest\'s name',   { user: `\0token:${'a'.repeat(64)}x` }, `user "\\u0000token:${'a'.repeat(64)}x" not found`],
    ['a token, by the cache\'s key',   { user: `\0token:${'a'.repeat(64)}` }, `user "\\u0000token:${'a'.repeat(64)}" not found`],
    ['what is only like such a key',  { user: '\0subject:x' },     'user "\\u0000subject:x" not found'],
    ['an id that nobody knows',       { user: '_token:3' },        'token "_token:3" not found'],
    ['an id of the other kind',       { user: '_sub:2' },          'token "_sub:2" not found'],
    ['a token that is known to be revoked', { user: '_token:5' },   'token "_token:5" is revoked'],
    ['the same by its digest',        { token: 'f'.repeat(64) },   'the token is revoked'],
    ['an expired token',              { token: '1'.repeat(64) },   'the token has expired'],
    ["a token of an owner who is gone", { token: '2'.repeat(64) }, 'the token is of no use: its owner is gone'],
    ["a token of a subject who is not listed", { token: '3'.repeat(64) }, "the token is of no use: its owner is not among the identity provider's listed users"],
    ['a token of which nothing is said', { user: '_token:4' },        'token "_token:4" is unknown, revoked or expired, or its owner may not sign in any more'],
  ])('%s is an error', async (_says, { user = '', token }, message) => {
    expect(await explain(authOf(LISTED, OTHERS), { user, token, method: 'GET', path: TASKS })).toMatchObject({ code: 'ERR_NOT_FOUND', message })
  })

  test('a directory out of reach is not an answer', async () => {
    const down: Directory = { find: async () => { throw new AuthError('ERR_META_UNAVAILABLE', 'meta node unavailable') }, checkPassword: async () => false }
    await expect(ask('ann', 'GET', TASKS, authOf({}, down))).rejects.toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
  })
})

test.each<[string, Record<string, string>, string, string, string, 'open' | 'off' | undefined]>([
  // says                          settings                           user      method  path                    exemption
  ['authentication is off',        { 'http.auth-enabled': 'false' },  'nobody', 'POST', TASKS,                  'off'],
  ['an open endpoint',             { 'http.ping-auth-enabled': 'false' }, 'nobody', 'GET', '/kapacitor/v1/ping', 'open'],
  ['another method there',         { 'http.ping-auth-enabled': 'false' }, 'weak', 'POST', '/kapacitor/v1/ping', undefined],
  ['an endpoint that is not open', { 'http.ping-auth-enabled': 'false' }, 'weak', 'GET', TASKS,               undefined],
])('%s', async (_says, settings, user, method, path, exemption) => {
  const answer = await ask(user, method, path, authOf(settings))
  expect(answer).toMatchObject(exemption ? { allowed: true, exemption, reasons: [] } : { allowed: false, reasons: [{}] })
})

test('it says what the middleware does', async () => {
  const auth = authOf()
  const app = new Koa()
  app.use(auth)
  app.use((ctx) => { ctx.body = { ok: true } })
  const server = await startServer(app.callback())
  closing.push(server.close)
  for (const [user, password] of [['ann', 'apw'], ['weak', 'wpw']] as const) {
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) {
      for (const path of [TASKS, `${TASKS}/`, '/kapacitor/v1/config', '/kapacitor/v1/ping', '/write?db=telegraf', '/write?db=x', '/other', '/kapacitor/v1/%63onfig']) {
        const answer = await fetch(server.url + path, { method, headers: { authorization: basic(user, password) } })
        const body = await answer.json() as { error?: string }
        const told = await explain(auth, { user, method, path }) as Explanation
        expect([method, path, told.allowed, told.refusal]).toEqual([method, path, answer.status === 200, body.error])
      }
    }
  }
})

test('it never disagrees with authorize', async () => {
  const grants = fc.dictionary(fc.constantFrom('', 'a', 'b'), fc.array(fc.constantFrom<Permission>(...PERMISSIONS), { maxLength: 4 }))
  const path = fc.constantFrom('/write', '/write/', '/kapacitor/v1/write', TASKS, '/kapacitor/v1/config/x', '/kapacitor/v1/users', '/kapacitor/v1/debug/vars', '/api')
  const query = fc.constantFrom('', '?db=a', '?db=b', '?db=', '?db=a&db=a', '?x;db=a', '?db=c&u=x')
  await fc.assert(fc.asyncProperty(grants, fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD'), path, query, async (granted, method, at, asked) => {
    const account = createAccount('ann', '', new Map(Object.entries(granted).map(([scope, names]) => [scope, new Set(names)])))
    const decider = { inspector: { find: async () => ({ account, age: undefined }), keyOf: async () => undefined }, exemption: () => undefined }
    const target = at + asked
    const line = readRequestLine(method, target)
    if (line instanceof AuthError) throw line
    const refusal = authorize(account.user, method, target, line)
    const told = await explain(decider, { user: 'ann', method, path: target }) as Explanation
    expect([told.allowed, told.refusal]).toEqual([refusal === undefined, refusal?.message])
    if (refusal?.code !== 'ERR_REQUEST_AMBIGUOUS') expect(told.reasons.every((reason) => reason.allowed)).toBe(told.allowed)
  }), { numRuns: 500 })
})
