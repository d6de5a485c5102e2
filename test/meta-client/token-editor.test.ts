import { afterEach, describe, expect, test } from 'vitest'
import type { AuthError } from '../../src/errors.js'
import { createMetaEditor, type MetaEditor } from '../../src/meta-client/editor.js'
import { troubleOf } from '../../src/meta-client/wire/trouble.js'
import { startServer } from '../support/servers.js'
import { rejection } from './rejection.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => { for (const cleanup of cleanups.splice(0).reverse()) await cleanup() })

interface Says { status?: number; body?: unknown; hangUp?: boolean }

/** A node that says the next of its answers, the last one for ever. */
async function node(...answers: Says[]) {
  const seen: string[] = []
  const server = await startServer(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    seen.push(`${req.method} ${req.url}${body && ` ${body}`}`)
    const { status = 200, body: says = '', hangUp } = (answers.length > 1 ? answers.shift() : answers[0]) ?? {}
    if (hangUp) return void req.socket.destroy()
    res.writeHead(status).end(typeof says === 'string' ? says : JSON.stringify(says))
  })
  cleanups.push(() => server.close())
  return { address: `127.0.0.1:${server.port}`, seen }
}

function editorOf(...addresses: string[]): MetaEditor {
  const editor = createMetaEditor({ addresses, credentials: { kind: 'basic', username: 'admin', password: 's3cret!' } })
  cleanups.push(() => editor.close())
  return editor
}

const TOKEN = { id: 'id', description: 'd', owner: { kind: 'user', name: 'ann' }, permissions: [{ action: 'read', resource: 'db' }], createdAt: '2026-11-27T00:00:00.000Z' }
const SUBSCRIPTION = { id: 'id', database: 'db', policy: 'rp', name: 's', createdAt: '2026-11-27T00:00:00.000Z' }
const CREATION = { description: 'd', permissions: TOKEN.permissions }

test.each<[string, (e: MetaEditor) => Promise<unknown>, Says, string, unknown]>([
  // says                   what                                              answer                                              asked                                                        gives
  ['list tokens',           (e) => e.tokens.list(),                           { body: [TOKEN] },                                  'GET /api/v0/tokens',                                        [TOKEN]],
  ['list none',             (e) => e.tokens.list(),                           { body: [] },                                       'GET /api/v0/tokens',                                        []],
  ['get a token',           (e) => e.tokens.get('a/b'),                       { body: { ...TOKEN, revokedAt: TOKEN.createdAt } }, 'GET /api/v0/tokens/a%2Fb',                                  { ...TOKEN, revokedAt: TOKEN.createdAt }],
  ['get none',              (e) => e.tokens.get('x'),                         { status: 404, body: { error: 'token not found' } }, 'GET /api/v0/tokens/x',                                     undefined],
  ['make a token',          (e) => e.tokens.create(CREATION),                 { body: { ...TOKEN, accessToken: 'kapa1_' } },      `POST /api/v0/tokens ${JSON.stringify(CREATION)}`,           { ...TOKEN, accessToken: 'kapa1_' }],
  ['change a token',        (e) => e.tokens.update('x', { expiresAt: null }), { body: TOKEN },                                    'PATCH /api/v0/tokens/x {"expiresAt":null}',                 TOKEN],
  ['revoke a token',        (e) => e.tokens.revoke('x'),                      { status: 204 },                                    'DELETE /api/v0/tokens/x',                                   undefined],
  ['list subscriptions',    (e) => e.subscriptions.list(),                    { body: [SUBSCRIPTION] },                           'GET /api/v0/subscriptions',                                 [SUBSCRIPTION]],
  ['get none of them',      (e) => e.subscriptions.get('x'),                  { status: 404, body: { error: 'subscription token not found' } }, 'GET /api/v0/subscriptions/x',                 undefined],
  ['make one',              (e) => e.subscriptions.create({ database: 'db', policy: 'rp', name: 's' }), { body: { ...SUBSCRIPTION, accessToken: 'x' } }, 'POST /api/v0/subscriptions {"database":"db","policy":"rp","name":"s"}', { ...SUBSCRIPTION, accessToken: 'x' }],
  ['revoke one',            (e) => e.subscriptions.revoke('x'),               { status: 204 },                                    'DELETE /api/v0/subscriptions/x',                            undefined],
])('%s', async (_says, what, answer, asked, gives) => {
  const { address, seen } = await node(answer)
  expect(await what(editorOf(address))).toEqual(gives)
  expect(seen).toEqual([asked])
})

const NO_TOKENS = 'this meta node has no tokens: it is an older version of kapacitor-auth, or InfluxDB Enterprise'
test.each<[string, (e: MetaEditor) => Promise<unknown>, Says, string, string]>([
  // says                             what                              answer                                                             code                        message
  ['a refusal',                       (e) => e.tokens.create(CREATION), { status: 403, body: { code: 403, message: 'no', error: 'no' } },  'ERR_PRIVILEGE_MISSING',    'no'],
  ['one that is gone',                (e) => e.tokens.revoke('x'),      { status: 404, body: { error: 'token not found' } },               'ERR_NOT_FOUND',            'token not found'],
  ['an older version of ours',        (e) => e.tokens.list(),           { status: 404, body: { error: 'not found' } },                     'ERR_META_INVALID',         NO_TOKENS],
  ['InfluxDB Enterprise',             (e) => e.tokens.create(CREATION), { status: 404, body: '404 page not found\n' },                     'ERR_META_INVALID',         NO_TOKENS],
  ['one that has no tokens to get',   (e) => e.tokens.get('x'),         { status: 404, body: '404 page not found\n' },                     'ERR_META_INVALID',         NO_TOKENS],
  ['a page',                          (e) => e.tokens.list(),           { body: '<html>' },                                                'ERR_META_INVALID',         'meta node gave an invalid answer'],
  ['an object for a list',            (e) => e.tokens.list(),           { body: { tokens: [] } },                                          'ERR_META_INVALID',         'meta node gave an invalid answer'],
  ['a token without an owner',        (e) => e.tokens.list(),           { body: [{ ...TOKEN, owner: undefined }] },                        'ERR_META_INVALID',         'meta node gave an invalid answer'],
  ['an owner of another kind',        (e) => e.tokens.list(),           { body: [{ ...TOKEN, owner: { kind: 'x' } }] },                    'ERR_META_INVALID',         'meta node gave an invalid answer'],
  ['not a time',                      (e) => e.tokens.list(),           { body: [{ ...TOKEN, expiresAt: 'never' }] },                      'ERR_META_INVALID',         'meta node gave an invalid answer'],
  ['no secret',                       (e) => e.tokens.create(CREATION), { body: TOKEN },                                                   'ERR_META_INVALID',         'meta node gave an invalid answer'],
])('%s is an error', async (_says, what, answer, code, message) => {
  const { address } = await node(answer)
  expect(await rejection(what(editorOf(address)))).toMatchObject({ code, message })
})

describe('a node that hangs up in the middle', () => {
  test('is not asked a second time for a token, nor is another', async () => {
    const [one, two] = [await node({ hangUp: true }), await node({ body: { ...TOKEN, accessToken: 'x' } })]
    const error = await rejection(editorOf(one.address, two.address).tokens.create(CREATION))
    expect(error).toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
    expect(troubleOf(error as AuthError)).toMatchObject({ kind: 'unreachable', doubtful: [`http://${one.address}`] })
    expect([one.seen.length, two.seen.length]).toEqual([1, 0])
  })

  test('is no reason not to revoke one elsewhere', async () => {
    const [one, two] = [await node({ hangUp: true }), await node({ status: 204 })]
    await editorOf(one.address, two.address).tokens.revoke('x')
    expect(two.seen).toEqual(['DELETE /api/v0/tokens/x'])
  })
})
