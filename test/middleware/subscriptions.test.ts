import Koa from 'koa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { subscriptionKey } from '../../src/authn/directory/account-key.js'
import type { Account, Directory } from '../../src/authn/directory/directory.js'
import { createSubscriptionAccount } from '../../src/authn/directory/token-account.js'
import { loadConfig } from '../../src/config/load-config.js'
import type { Decision } from '../../src/middleware/decision.js'
import { type KapacitorAuth, kapacitorAuth } from '../../src/middleware/kapacitor-auth.js'
import { digestOf } from '../../src/token/own-token.js'
import { basic, startServer, type TestServer } from '../support/servers.js'

/** Those that there are: `tok1` for database x and no policy, as Kapacitor's own; `tok2` for one policy of it. */
const TOKENS: Record<string, { id: string; database: string; policy: string }> = {
  tok1: { id: 'tok1', database: 'x', policy: '' },
  tok2: { id: 'tok2', database: 'x', policy: 'autogen' },
}
const TASKS = '/kapacitor/v1/tasks'

let accounts: Map<string, Account>
let changed: (key: string | undefined) => void
let decisions: Decision[]
let auth: KapacitorAuth
let server: TestServer

beforeEach(async () => {
  accounts = new Map(Object.entries(TOKENS).map(([token, found]) => [subscriptionKey(digestOf(token)), createSubscriptionAccount({ ...found, digest: digestOf(token) })]))
  const directory: Directory = {
    find: async (key) => accounts.get(key),
    checkPassword: async () => false,
    watch: (listener) => {
      changed = listener
      return () => {}
    },
  }
  decisions = []
  auth = kapacitorAuth(loadConfig({ file: false, env: {}, overrides: { 'http.shared-secret': 'a shared secret of more than 16 bytes' } }), { directory, onDecision: (_ctx, decision) => decisions.push(decision) })
  const app = new Koa()
  app.use(auth)
  app.use((ctx) => {
    ctx.status = 204
  })
  server = await startServer(app.callback())
})

afterEach(async () => {
  await auth.close()
  await server.close()
})

async function send(method: string, path: string, token: string, headers: Record<string, string> = {}) {
  const answer = await fetch(server.url + path, { method, headers: { authorization: basic('~subscriber', token), ...headers } })
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() }
}

const JSON_TYPE = 'application/json; charset=utf-8'
const TEXT_TYPE = 'text/plain; charset=utf-8'
const error = (message: string) => JSON.stringify({ error: message })
const notTo = (name: string, where: string) => `"${name}" user is not authorized to write to ${where}\n`

test.each([
  // says                                 method    path                                       token   status  type        text
  ['a write',                             'POST',   '/kapacitor/v1/write?db=x',                'tok1', 204,    null,       ''],
  ['a write outside the base path',       'POST',   '/write?db=x',                             'tok1', 204,    null,       ''],
  ['another database',                    'POST',   '/write?db=y',                             'tok1', 401,    TEXT_TYPE,  notTo('_sub:tok1', 'database "y"')],
  ['no database',                         'POST',   '/write',                                  'tok1', 400,    TEXT_TYPE,  'database is required\n'],
  ['an empty one',                        'POST',   '/write?db=',                              'tok1', 400,    TEXT_TYPE,  'database is required\n'],
  ['a token that nobody has',             'POST',   '/write?db=x',                             'bad',  401,    JSON_TYPE,  error('invalid subscription token')],
  ['the ping',                            'GET',    '/kapacitor/v1/ping',                      'tok1', 204,    null,       ''],
  ['the ping by HEAD',                    'HEAD',   '/kapacitor/v1/ping',                      'tok1', 204,    null,       ''],
  ['tasks',                               'GET',    TASKS,                                     'tok1', 403,    JSON_TYPE,  error(`subscription token _sub:tok1 does not have "read" privilege for API endpoint "${TASKS}"`)],
])('as recorded: %s', async (_says, method, path, token, status, type, text) => {
  expect(await send(method, path, token)).toEqual({ status, type, text })
})

test.each([
  // says                                 method    path                                       token   status  text
  // In Kapacitor these are 401 as well, with a text that repeats the token
  ['an empty token',                      'POST',   '/write?db=x',                             '',     401,    error('invalid subscription token')],
  ['a token with a space',                'POST',   '/write?db=x',                             'a b',  401,    error('invalid subscription token')],
  ['a token with a colon',                'POST',   '/write?db=x',                             'a:b',  401,    error('invalid subscription token')],
  // Kapacitor lets these pass
  ['the policy, as InfluxDB names it',    'POST',   '/write?db=x&rp=autogen&precision=ns',     'tok2', 204,    ''],
  ['another policy',                      'POST',   '/write?db=x&rp=other',                    'tok2', 401,    notTo('_sub:tok2', 'retention policy "other" of database "x"')],
  ['no policy',                           'POST',   '/write?db=x',                             'tok2', 401,    notTo('_sub:tok2', 'retention policy "" of database "x"')],
  ['a policy where none is meant',        'POST',   '/write?db=x&rp=autogen',                  'tok1', 401,    notTo('_sub:tok1', 'retention policy "autogen" of database "x"')],
  ['HEAD on another path',                'HEAD',   TASKS,                                     'tok1', 403,    ''],
  ['a ping that writes',                  'POST',   '/kapacitor/v1/ping',                      'tok1', 403,    error('subscription token _sub:tok1 does not have "write" privilege for API endpoint "/kapacitor/v1/ping"')],
  // And others
  ['two databases',                       'POST',   '/write?db=x&db=y',                        'tok1', 400,    error('ambiguous parameter db')],
  ['two policies',                        'POST',   '/write?db=x&rp=autogen&rp=other',         'tok2', 400,    error('ambiguous parameter rp')],
  ['a policy behind a semicolon',         'POST',   '/write?db=x&rp=autogen;rp=other',         'tok2', 400,    error('ambiguous parameter rp')],
  ['reading what is written',             'GET',    '/write?db=x',                             'tok1', 403,    error('subscription token _sub:tok1 does not have "read" privilege for API endpoint "/write"')],
  ['a path below',                        'POST',   '/write/x?db=x',                           'tok1', 403,    error('subscription token _sub:tok1 does not have "write" privilege for API endpoint "/write/x"')],
  ['making a task',                       'POST',   TASKS,                                     'tok1', 403,    error(`subscription token _sub:tok1 does not have "write" privilege for API endpoint "${TASKS}"`)],
])('a hole that is closed, or stays so: %s', async (_says, method, path, token, status, text) => {
  expect(await send(method, path, token)).toMatchObject({ status, text })
})

test.each([
  // says                                          authorization                                  query
  ['its name and token as a user’s',               basic('_sub', 'tok1'),                         ''],
  ['its name and token in the query',              undefined,                                     '&u=_sub:tok1&p=tok1'],
  ['the subscriber’s name in the query',           undefined,                                     '&u=~subscriber&p=tok1'],
  ['another user’s name',                          basic('subscriber', 'tok1'),                   ''],
  ['the token as a bearer’s',                      'Bearer tok1',                                 ''],
])('is nobody by %s, even when it is known', async (_says, authorization, query) => {
  expect((await send('POST', '/write?db=x', 'tok1')).status).toBe(204)
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
  expect((await fetch(`${server.url}/write?db=x${query}`, { method: 'POST', headers })).status).toBe(401)
})

test('a token signed for the name of a subscription, or for its key, is nobody’s', async () => {
  const { signToken } = await import('../../src/token/sign-token.js')
  expect((await send('POST', '/write?db=x', 'tok1')).status).toBe(204)
  for (const username of ['_sub:tok1', subscriptionKey(digestOf('tok1'))]) {
    const token = await signToken({ secret: 'a shared secret of more than 16 bytes', username, expiresAt: Date.now() + 60_000 })
    for (let i = 0; i < 2; i++) {
      const answer = await fetch(`${server.url}/kapacitor/v1/ping`, { headers: { authorization: `Bearer ${token}` } })
      expect(answer.status).toBe(401)
      expect((await fetch(`${server.url}/write?db=x`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })).status).toBe(401)
    }
  }
})

test('a token that is revoked writes no more, though it is remembered', async () => {
  expect((await send('POST', '/write?db=x', 'tok1')).status).toBe(204)
  expect(decisions.at(-1)).toMatchObject({ via: 'verified', user: '_sub:tok1', token: 'tok1', databases: ['x'] })
  expect((await send('POST', '/write?db=x', 'tok1')).status).toBe(204)
  expect(decisions.at(-1)).toMatchObject({ via: 'remembered', user: '_sub:tok1', token: 'tok1' })
  expect(decisions.at(-1)?.age).toBeGreaterThanOrEqual(0)
  const key = subscriptionKey(digestOf('tok1'))
  accounts.delete(key)
  changed(key)
  expect(await send('POST', '/write?db=x', 'tok1')).toMatchObject({ status: 401, text: error('invalid subscription token') })
})
