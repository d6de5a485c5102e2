import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { Permissions } from '../../src/authz/permission.js'
import type { AuthError } from '../../src/errors.js'
import { createMetaEditor, type MetaEditor, type MetaEditorOptions } from '../../src/meta-client/editor.js'
import { troubleOf } from '../../src/meta-client/wire/trouble.js'
import { makeCertificates } from '../support/certificates.js'
import { freePort } from '../support/free-ports.js'
import { keptTime } from '../support/kept-time.js'
import { basic, startServer } from '../support/servers.js'
import { rejection } from './rejection.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => { for (const cleanup of cleanups.splice(0).reverse()) await cleanup() })

interface Seen { method: string; url: string; body: string; authorization: string | undefined; type: string | undefined }
interface Says { status?: number; body?: unknown; headers?: Record<string, string>; location?: string | (() => string); hangUp?: boolean }

/** A node that says the next of its answers, the last one for ever. */
async function node(...answers: Says[]) {
  const seen: Seen[] = []
  const server = await startServer(async (req: IncomingMessage, res: ServerResponse) => {
    let body = ''
    for await (const chunk of req) body += chunk
    seen.push({ method: req.method ?? '', url: req.url ?? '', body, authorization: req.headers.authorization, type: req.headers['content-type'] })
    const { status = 200, body: says = '', location, hangUp, headers } = (answers.length > 1 ? answers.shift() : answers[0]) ?? {}
    if (hangUp) return void req.socket.destroy()
    const to = typeof location === 'function' ? location() : location
    res.writeHead(status, to === undefined ? headers : { location: to }).end(typeof says === 'string' ? says : JSON.stringify(says))
  })
  cleanups.push(() => server.close())
  return { ...server, address: `127.0.0.1:${server.port}`, seen }
}

/** A port at which nothing listens. */
const nobody = async () => `127.0.0.1:${await freePort()}`

function editorOf(addresses: readonly string[], options: Partial<MetaEditorOptions> = {}): MetaEditor {
  const editor = createMetaEditor({ addresses, credentials: { kind: 'basic', username: 'admin', password: 's3cret!' }, ...options })
  cleanups.push(() => editor.close())
  return editor
}

const on = (scope: string, ...names: string[]) => new Map([[scope, new Set(names)]]) as unknown as Permissions

describe('on the wire', () => {
  test.each<[string, (editor: MetaEditor) => Promise<unknown>, string, unknown]>([
    // says                 what                                                                   path     body
    ['create a user',       (e) => e.createUser('ann', 'pw'),                                      '/user', { action: 'create', user: { name: 'ann', password: 'pw' } }],
    ['create with rights',  (e) => e.createUser('ann', 'pw', on('', 'Monitor')),                   '/user', { action: 'create', user: { name: 'ann', password: 'pw', permissions: { '': ['Monitor'] } } }],
    ['create without',      (e) => e.createUser('ann', 'pw', new Map()),                           '/user', { action: 'create', user: { name: 'ann', password: 'pw' } }],
    ['change a password',   (e) => e.changePassword('ann', 'pw'),                                  '/user', { action: 'change-password', user: { name: 'ann', password: 'pw' } }],
    ['delete a user',       (e) => e.remove('user', 'ann'),                                        '/user', { action: 'delete', user: { name: 'ann' } }],
    ['grant to a user',     (e) => e.addPermissions('user', 'ann', on('', 'ReadData')),            '/user', { action: 'add-permissions', user: { name: 'ann', permissions: { '': ['ReadData'] } } }],
    ['revoke of a user',    (e) => e.removePermissions('user', 'ann', on('__proto__', 'Monitor')), '/user', JSON.parse('{"action":"remove-permissions","user":{"name":"ann","permissions":{"__proto__":["Monitor"]}}}')],
    ['create a role',       (e) => e.createRole('ops'),                                            '/role', { action: 'create', role: { name: 'ops' } }],
    ['rename a role',       (e) => e.renameRole('ops', 'dev'),                                     '/role', { action: 'change-name', role: { name: 'ops', newName: 'dev' } }],
    ['delete a role',       (e) => e.remove('role', 'ops'),                                        '/role', { action: 'delete', role: { name: 'ops' } }],
    ['grant to a role',     (e) => e.addPermissions('role', 'ops', on('db', 'ReadData')),          '/role', { action: 'add-permissions', role: { name: 'ops', permissions: { db: ['ReadData'] } } }],
    ['add members',         (e) => e.addUsers('ops', ['ann', 'bob']),                              '/role', { action: 'add-users', role: { name: 'ops', users: ['ann', 'bob'] } }],
    ['remove members',      (e) => e.removeUsers('ops', ['ann']),                                  '/role', { action: 'remove-users', role: { name: 'ops', users: ['ann'] } }],
  ])('%s', async (_says, change, path, body) => {
    const { address, seen } = await node()
    await change(editorOf([address]))
    expect(seen).toEqual([{ method: 'POST', url: path, body: JSON.stringify(body), authorization: basic('admin', 's3cret!'), type: 'application/json' }])
  })

  test('a bearer token, a node, nobody', async () => {
    const { address, seen } = await node({ body: {} })
    await editorOf([address], { credentials: { kind: 'bearer', token: 'a.b.c' } }).users()
    await editorOf([address], { credentials: { kind: 'node', secret: 'sixteen bytes or more' } }).users()
    await editorOf([address], { credentials: undefined }).users()
    expect(seen.map(({ authorization }) => authorization)).toEqual(['Bearer a.b.c', expect.stringMatching(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/), undefined])
    expect(() => editorOf([address], { credentials: { kind: 'bearer', token: 'a b' } })).toThrow('credentials.token is not a bearer token')
  })
})

describe('reading, as old and new meta nodes print it', () => {
  test('{} is nobody; "9" is WriteData; null is none; what is unknown is told', async () => {
    const { address } = await node({ body: {} }, { body: {} }, { body: { users: [{ name: 'ann', hash: 'x', permissions: { '': ['9', 'Fly'], db: null } }, { name: 'bob' }] } })
    const unknown: string[] = []
    const editor = editorOf([address], { unknownPermission: (name) => unknown.push(name) })
    expect([await editor.users(), await editor.roles()]).toEqual([[], []])
    expect(await editor.users()).toEqual([
      { name: 'ann', hash: 'x', permissions: new Map([['', new Set(['WriteData'])], ['db', new Set()]]) },
      { name: 'bob', hash: '', permissions: new Map() },
    ])
    expect(unknown).toEqual(['Fly'])
  })

  test('names go out encoded, and none of another name comes back', async () => {
    const { address, seen } = await node({ body: { users: [{ name: 'a&b' }] } }, { status: 404, body: { error: 'user not found' } }, { status: 404, body: { error: 'role not found' } }, { body: { users: [{ name: 'eve' }] } })
    const editor = editorOf([address])
    expect(await editor.user('a&b')).toMatchObject({ name: 'a&b' })
    expect(await editor.user('x')).toBeUndefined()
    expect(await editor.role('x')).toBeUndefined()
    expect(await rejection(editor.user('ann'))).toMatchObject({ code: 'ERR_META_INVALID' })
    expect(seen[0]?.url).toBe('/user?name=a%26b')
  })

  test.each<[string, Says]>([
    ['no JSON',              { body: '<html>' }],
    ['a list',               { body: [] }],
    ['no users in it',       { body: { roles: [] } }],
    ['two of one name',      { body: { users: [{ name: 'ann' }, { name: 'ann' }] } }],
    ['one without a name',   { body: { users: [{ hash: 'x' }] } }],
    ['an error with 200',    { body: { error: 'no' } }],
    ['a 404 of another kind', { status: 404, body: '404 page not found' }],
  ])('%s is an error, not "nobody"', async (_says, answer) => {
    const { address } = await node(answer)
    expect(await rejection(editorOf([address]).users())).toMatchObject({ code: 'ERR_META_INVALID' })
  })

  test('an answer that is too large is cut off', async () => {
    const { address } = await node({ body: { users: [{ name: 'a'.repeat(2000) }] } })
    const error = await rejection(editorOf([address], { maxAnswerBytes: 1000 }).users())
    expect(troubleOf(error as AuthError)).toMatchObject({ kind: 'invalid', reason: 'it is too large' })
  })
})

describe('a refusal', () => {
  test.each<[number, unknown, string, string]>([
    // status  body                                                code                        message
    [400, { error: 'unknown permission "X"' },                     'ERR_REQUEST_INVALID',      'unknown permission "X"'],
    [401, { error: 'authorization failed' },                       'ERR_CREDENTIALS_REJECTED', 'authorization failed'],
    [403, { error: 'no' },                                         'ERR_PRIVILEGE_MISSING',    'no'],
    [404, { error: 'user not found' },                             'ERR_NOT_FOUND',            'user not found'],
    [404, { error: 'user not found: bob' },                        'ERR_NOT_FOUND',            'user not found: bob'],
    [404, { error: 'not found' },                                  'ERR_META_INVALID',         'not found'],
    [404, '<h1>Not found</h1>',                                    'ERR_META_INVALID',         'HTTP 404'],
    [409, { error: 'user already exists' },                        'ERR_CONFLICT',             'user already exists'],
    [400, 'Client sent an HTTP request to an HTTPS server.\n',     'ERR_REQUEST_INVALID',      'Client sent an HTTP request to an HTTPS server.'],
    [200, '<html>Please log in</html>',                            'ERR_META_INVALID',         'meta node gave an invalid answer'],
    [200, { error: 'not really' },                                 'ERR_META_INVALID',         'meta node gave an invalid answer'],
    [302, '',                                                      'ERR_META_INVALID',         'HTTP 302'],
    [400, { error: 'bad \u001b[2J\u202e' },                        'ERR_REQUEST_INVALID',      'bad \\u001b[2J\\u202e'],
    [400, { error: 'x'.repeat(9999) },                             'ERR_REQUEST_INVALID',      `${'x'.repeat(299)}…`],
    [400, { error: `no "hunter2", s3cret! ${basic('admin', 's3cret!')}` }, 'ERR_REQUEST_INVALID', 'no "***", *** Basic ***'],
  ])('%i %j', async (status, body, code, message) => {
    const { address, seen } = await node({ status, body })
    expect(await rejection(editorOf([address]).createUser('ann', 'hunter2'))).toMatchObject({ code, message })
    expect(seen).toHaveLength(1)
  })
})

describe('the leader', () => {
  test('307 to a listed node: repeated there, body and credentials included', async () => {
    const leader = await node()
    const follower = await node({ status: 307, location: () => `${leader.url}/user` })
    await editorOf([follower.address, leader.address]).createUser('ann', 'pw')
    expect(leader.seen).toEqual(follower.seen)
    expect(leader.seen).toHaveLength(1)
  })

  test('path and query stay ours', async () => {
    const leader = await node()
    const follower = await node({ status: 307, location: () => `${leader.url}/elsewhere?x=1` })
    await editorOf([follower.address, leader.address]).createRole('ops')
    expect(leader.seen.map(({ url }) => url)).toEqual(['/role'])
  })

  test('307 to anybody else: nothing is sent there, but the next listed node is asked', async () => {
    const stranger = await node()
    const follower = await node({ status: 307, location: () => `${stranger.url}/user` })
    const leader = await node()
    await editorOf([follower.address, leader.address]).createUser('ann', 'pw')
    expect(stranger.seen).toEqual([])
    const error = await rejection(editorOf([follower.address]).createUser('ann', 'pw'))
    expect(stranger.seen).toEqual([])
    expect(troubleOf(error as AuthError)).toEqual({ kind: 'unreachable', failures: [{ node: follower.url, failure: 'HTTP 307', leader: stranger.url }], doubtful: [] })
  })

  test('never from https to http', async () => {
    const { ca, server } = await makeCertificates()
    const plain = await node()
    const tls = createTlsServer(server, (_req, res) => void res.writeHead(307, { location: plain.url }).end())
    await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve))
    cleanups.push(() => { tls.closeAllConnections(); tls.close() })
    const address = `127.0.0.1:${(tls.address() as AddressInfo).port}`
    const error = await rejection(editorOf([address, plain.address], { tls: { ca } }).createUser('ann', 'pw'))
    expect(error).toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
    expect(plain.seen).toEqual([])
  })

  test('a circle ends', async () => {
    const a = await node({ status: 307, location: () => b.url })
    const b = await node({ status: 307, location: () => a.url })
    expect(await rejection(editorOf([a.address, b.address]).createRole('ops'))).toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
    expect(a.seen.length + b.seen.length).toBe(8)
  })
})

describe('several nodes', () => {
  test.each<[string, Says]>([
    ['hangs up',      { hangUp: true }],
    ['has a 503',     { status: 503, body: { error: 'no quorum' } }],
  ])('one that %s: the next one is asked, each once', async (_says, answer) => {
    const [a, b] = [await node(answer), await node()]
    await editorOf([a.address, b.address]).addUsers('ops', ['ann'])
    expect([a.seen.length, b.seen.length]).toEqual([1, 1])
    const error = await rejection(editorOf([a.address]).addUsers('ops', ['ann']))
    expect(error).toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
    expect(a.seen.length).toBe(2)
  })

  test('a node that is down leaves no doubt: a conflict is one', async () => {
    const b = await node({ status: 409, body: { error: 'user already exists' } })
    const error = await rejection(editorOf([await nobody(), b.address]).createUser('ann', 'pw'))
    expect(troubleOf(error as AuthError)).toMatchObject({ kind: 'refused', doubtful: [] })
  })

  test('a conflict after a try without an answer says so', async () => {
    const [a, b] = [await node({ hangUp: true }), await node({ status: 409, body: { error: 'user already exists' } })]
    const error = await rejection(editorOf([a.address, b.address]).createUser('ann', 'pw'))
    expect(troubleOf(error as AuthError)).toMatchObject({ kind: 'refused', doubtful: [a.url] })
  })

  test('what is gone after a try without an answer is deleted; without one it was never there', async () => {
    const gone = { status: 404, body: { error: 'user not found' } }
    const [a, b] = [await node({ hangUp: true }), await node(gone)]
    await editorOf([a.address, b.address]).remove('user', 'ann')
    expect(await rejection(editorOf([await nobody(), b.address]).remove('user', 'ann'))).toMatchObject({ code: 'ERR_NOT_FOUND' })
    expect(await rejection(editorOf([a.address, b.address]).changePassword('ann', 'pw'))).toMatchObject({ code: 'ERR_NOT_FOUND' })
  })

  test('all down: each with its reason', async () => {
    const [a, b] = [await nobody(), await node({ status: 500, body: { error: 'oh' } })]
    const error = await rejection(editorOf([a, b.address]).users())
    expect(troubleOf(error as AuthError)).toEqual({ kind: 'unreachable', failures: [
      { node: `http://${a}`, failure: 'ECONNREFUSED' }, { node: b.url, failure: 'HTTP 500', text: 'oh' },
    ], doubtful: [] })
  })

  test('all down, and a change: one of them may have made it', async () => {
    const [a, b, c] = [await nobody(), await node({ status: 500, body: { error: 'oh' } }), await node({ hangUp: true })]
    const error = await rejection(editorOf([a, b.address, c.address]).createUser('ann', 'pw'))
    expect(troubleOf(error as AuthError)).toMatchObject({ kind: 'unreachable', doubtful: [b.url, c.url] })
  })

  test('a node that never answers costs the time of one request', () => keptTime(100, async (limit) => {
    const silent = createTcpServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    cleanups.push(() => silent.close())
    const b = await node({ body: {} })
    const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`
    expect(await editorOf([address, b.address], { timeout: limit }).users()).toEqual([])
    const error = await rejection(editorOf([address], { timeout: limit }).users())
    expect(troubleOf(error as AuthError)).toMatchObject({ failures: [{ failure: 'ETIMEDOUT' }] })
  }))
})

describe('a user who is created with permissions', () => {
  const WITH = { action: 'create', user: { name: 'ann', password: 'pw', permissions: { '': ['Monitor'] } } }
  const WITHOUT = { action: 'create', user: { name: 'ann', password: 'pw' } }
  const GRANTED = { 'x-kapacitor-auth-granted': 'true' }
  const OLDER = { status: 400, body: { error: '"create" takes no "permissions"; "add-permissions" does' } }

  test.each<[string, Says[], unknown[], boolean]>([
    // the node                            says                                                            is sent            has granted them
    ['grants them',                        [{ headers: GRANTED }],                                         [WITH],            true],
    ['ignores them',                       [{}],                                                           [WITH],            false],
    ['says something else',                [{ headers: { 'x-kapacitor-auth-granted': 'no' } }],            [WITH],            false],
    ['is ours, and older',                 [OLDER, {}],                                                    [WITH, WITHOUT],   false],
  ])('by a node that %s', async (_says, says, sent, hasGranted) => {
    const { address, seen } = await node(...says)
    expect(await editorOf([address]).createUser('ann', 'pw', on('', 'Monitor'))).toBe(hasGranted)
    expect(seen.map(({ body }) => JSON.parse(body))).toEqual(sent)
  })

  test('without permissions there is nothing left to grant', async () => {
    const { address } = await node({})
    expect(await editorOf([address]).createUser('ann', 'pw')).toBe(true)
  })

  test.each<[string, Says]>([
    ['another mistake', { status: 400, body: { error: 'unknown permission "Monitor"' } }],
    ['a refusal',       { status: 403, body: { error: 'user admin may not grant Monitor on all databases' } }],
    ['a taken name',    { status: 409, body: { error: 'user already exists' } }],
  ])('is not sent again after %s', async (_says, says) => {
    const { address, seen } = await node(says)
    await rejection(editorOf([address]).createUser('ann', 'pw', on('', 'Monitor')))
    expect(seen.length).toBe(1)
  })
})
