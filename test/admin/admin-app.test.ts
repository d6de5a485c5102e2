import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAdminApp } from '../../src/admin/admin-app.js'
import type { Administered, Part } from '../../src/admin/administered.js'
import type { Explanation, Question } from '../../src/admin/explain-endpoint.js'
import { AuthError } from '../../src/errors.js'
import { refuseForeignHost } from '../../src/http/foreign-host.js'
import { startServer, type TestServer } from '../support/servers.js'

const YES: Explanation = { user: 'ann', method: 'GET', path: '/x', allowed: true, reasons: [], age: 5 }

let server: TestServer
let parts: Part[]
let explained: (question: Question) => Promise<Explanation | AuthError>
const asked: Question[] = []
const purged: (string | undefined)[] = []
const logged: unknown[] = []

beforeEach(async () => {
  parts = [{ name: 'meta node', ready: true }]
  explained = async () => YES
  const administered: Administered = {
    readiness: async () => parts,
    metrics: async () => '# HELP x y\nx 1\n',
    purge: async (user) => { purged.push(user) },
    explain: async (question) => {
      asked.push(question)
      return explained(question)
    },
  }
  server = await startServer(createAdminApp(administered, { log: (error) => logged.push(error), host: 'Admin.local' }).callback())
})
afterEach(async () => {
  for (const list of [asked, purged, logged]) list.length = 0
  await server.close()
})

interface Answer { status: number; headers: Record<string, string | string[] | undefined>; body: string }

/** Not by fetch, which lets nobody choose Host. */
function send(method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ port: server.port, host: '127.0.0.1', method, path, headers }, (res) => {
      let body = ''
      res.setEncoding('utf8').on('data', (text) => { body += text })
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body }))
    }).on('error', reject).end()
  })
}

describe('answers', () => {
  test.each<[string, string, string, number, unknown]>([
    // says                          method  path                                  status  body
    ['that it is alive',             'GET',  '/healthz',                           200,    { status: 'ok' }],
    ['that all is ready',            'GET',  '/readyz',                            200,    { ready: true, parts: [{ name: 'meta node', ready: true }] }],
    ['why a user may do something',  'GET',  '/explain?user=ann&method=GET&path=/x', 200,  YES],
    ['nothing where nothing is',     'GET',  '/',                                  404,    { error: 'not found' }],
    ['nothing below either',         'GET',  '/healthz/',                          404,    { error: 'not found' }],
    ['the case of a path',           'GET',  '/Healthz',                           404,    { error: 'not found' }],
    ['no change by reading',         'GET',  '/cache/purge?user=ann',              405,    { error: 'GET is not allowed here' }],
    ['no reading by a change',       'POST', '/explain?user=ann&method=GET&path=/x', 405,  { error: 'POST is not allowed here' }],
    ['no method of every object',    'CONSTRUCTOR', '/healthz',                    400,    undefined],
    ['without the user',             'GET',  '/explain?method=GET&path=/x',        400,    { error: '"user" is missing in the query' }],
    ['without the method',           'GET',  '/explain?user=ann&path=/x',          400,    { error: '"method" is missing in the query' }],
    ['without the path',             'GET',  '/explain?user=ann&method=GET',       400,    { error: '"path" is missing in the query' }],
    ['with an empty path',           'GET',  '/explain?user=ann&method=GET&path=', 400,    { error: '"path" is empty in the query' }],
    ['two users',                    'GET',  '/explain?user=ann&user=b&method=GET&path=/x', 400, { error: '"user" stands in the query more than once' }],
    ['a broken escape',              'GET',  '/explain?user=%zz&method=GET&path=/x', 400,  { error: '"user" is not properly encoded in the query' }],
  ])('%s', async (_says, method, path, status, body) => {
    const answer = await send(method, path)
    expect(answer.status).toBe(status)
    if (body !== undefined) {
      expect(JSON.parse(answer.body)).toEqual(body)
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'content-type': 'application/json; charset=utf-8' })
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
    }
    expect(asked.length).toBe(path.startsWith('/explain') && status === 200 ? 1 : 0)
    expect(purged).toEqual([])
  })

  test('405 says what is allowed', async () => {
    expect((await send('GET', '/cache/purge')).headers.allow).toBe('POST')
    expect((await send('DELETE', '/metrics')).headers.allow).toBe('GET, HEAD')
  })

  test('HEAD says the same without the body', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      const [head, get] = [await send('HEAD', path), await send('GET', path)]
      expect(head).toMatchObject({ status: 200, body: '' })
      expect(head.headers['content-type']).toBe(get.headers['content-type'])
      expect(head.headers['content-length']).toBe(String(get.body.length))
    }
  })

  test('503 says which part is not ready', async () => {
    parts = [{ name: 'meta node', ready: false, reason: 'ECONNREFUSED' }, { name: 'certificates', ready: true }]
    const answer = await send('GET', '/readyz')
    expect(answer.status).toBe(503)
    expect(JSON.parse(answer.body)).toEqual({ ready: false, parts })
    expect((await send('GET', '/healthz')).status).toBe(200)
  })

  test('B3: what is only shown does not make it unready', async () => {
    parts = [{ name: 'meta node', ready: true }, { name: 'upstream', ready: false, required: false, reason: 'ECONNREFUSED' }]
    const answer = await send('GET', '/readyz')
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body)).toEqual({ ready: true, parts })
  })

  test('metrics come as Prometheus expects them', async () => {
    const answer = await send('GET', '/metrics')
    expect(answer).toMatchObject({ status: 200, body: '# HELP x y\nx 1\n' })
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  })

  test('the question is decoded once', async () => {
    await send('GET', `/explain?${new URLSearchParams({ user: 'a&b é', method: 'POST', path: '/write?db=x%20y' })}`)
    expect(asked).toEqual([{ user: 'a&b é', method: 'POST', path: '/write?db=x%20y' }])
  })

  test.each<[string, AuthError, number, unknown]>([
    // says               error                                                          status  body
    ['an unknown user',   new AuthError('ERR_NOT_FOUND', 'user not found'),              404,    { error: 'user not found' }],
    ['a mistyped method', new AuthError('ERR_REQUEST_INVALID', '"method": x'),           400,    { error: '"method": x' }],
  ])('%s is an answer', async (_says, error, status, body) => {
    explained = async () => error
    const answer = await send('GET', '/explain?user=x&method=GET&path=/x')
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.body)).toEqual(body)
    expect(logged).toEqual([])
  })

  test.each<[string, Error, number, unknown]>([
    ['a meta node that is down', new AuthError('ERR_META_UNAVAILABLE', 'meta node unavailable'), 503, { error: 'meta node unavailable' }],
    ['what nobody expects',      new Error('a secret'),                                          500, { error: 'internal error' }],
  ])('%s is told to the operator', async (_says, error, status, body) => {
    explained = async () => { throw error }
    const answer = await send('GET', '/explain?user=x&method=GET&path=/x')
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.body)).toEqual(body)
    expect(logged).toEqual([error])
  })
})

describe('purging', () => {
  test.each<[string, string, number, (string | undefined)[]]>([
    // says                    path                                status  purged
    ['one user',               '/cache/purge?user=ann',            204,    ['ann']],
    ['a user with an escape',  '/cache/purge?user=a%26b',          204,    ['a&b']],
    ['all of them',            '/cache/purge',                     204,    [undefined]],
    ['a subject: everybody',   '/cache/purge?user=oidc:ann',       204,    [undefined]],
    ['a token: everybody',     '/cache/purge?user=_token:1',       204,    [undefined]],
    ['a subscription: too',    '/cache/purge?user=_sub%3A1',       204,    [undefined]],
    ['an empty name',          '/cache/purge?user=',               400,    []],
    ['two names',              '/cache/purge?user=a&user=b',       400,    []],
    ['a name behind a ;',      '/cache/purge?x=1;user=a',          400,    []],
    ['a mistyped parameter',   '/cache/purge?usr=ann',             400,    []],
    ['one in another case',    '/cache/purge?User=ann',            400,    []],
    ['one beside it',          '/cache/purge?user=ann&usr=bob',    400,    []],
    ['one with an escape',     '/cache/purge?us%65r=ann',          204,    ['ann']],
    ['a broken escape',        '/cache/purge?us%er=ann',           400,    []],
    ['nothing in the query',   '/cache/purge?',                    204,    [undefined]],
  ])('%s', async (_says, path, status, expected) => {
    const answer = await send('POST', path)
    expect(answer.status).toBe(status)
    expect(purged).toEqual(expected)
    if (status === 204) expect(answer.body).toBe('')
  })

  test('an unknown parameter is named', async () => {
    expect(JSON.parse((await send('POST', '/cache/purge?usr=ann')).body)).toEqual({ error: '"usr" is not a parameter of this request, which takes "user"' })
  })
})

test('without Host it is not a browser; with an empty one it is nobody', () => {
  expect(refuseForeignHost(undefined, [])).toBeUndefined()
  expect(refuseForeignHost('', [''])).toBeInstanceOf(AuthError)
  expect(refuseForeignHost(':1', [''])).toBeInstanceOf(AuthError)
})

describe('a browser on this machine is not to be used', () => {
  test.each<[string, string, number]>([
    // says                                Host                      status
    ['an IPv4 address',                    '127.0.0.1:9094',         200],
    ['without a port',                     '127.0.0.1',              200],
    ['an IPv6 address',                    '[::1]:9094',             200],
    ['localhost',                          'LocalHost:9094',         200],
    ['the name that is listened on',       'admin.local:9094',       200],
    ['a name of somebody else\'s',         'evil.example:9094',      403],
    ['one that begins alike',              '127.0.0.1.evil.example', 403],
    ['one that ends alike',                'evil-localhost',         403],
    ['one below localhost',                'evil.localhost',         403],
    ['one below the name',                 'x.admin.local',          403],
    ['a user before it',                   'localhost@evil.example', 403],
    ['not an address',                     '[::1].evil.example',     403],
    ['no name',                            ':9094',                  403],
  ])('host: %s', async (_says, host, status) => {
    for (const path of ['/metrics', '/explain?user=ann&method=GET&path=/x']) {
      expect((await send('GET', path, { host })).status).toBe(status)
    }
    expect((await send('POST', '/cache/purge', { host })).status).toBe(status === 200 ? 204 : 403)
    expect(purged.length).toBe(status === 200 ? 1 : 0)
  })

  test.each<[string, Record<string, string>, number]>([
    // says                          headers                                                             status
    ['no browser',                   {},                                                                 204],
    ['a page of ours',               { host: '127.0.0.1:9094', origin: 'http://127.0.0.1:9094' },        204],
    ['typed by hand',                { 'sec-fetch-site': 'none' },                                       204],
    ['another site',                 { origin: 'https://evil.example' },                                 403],
    ['another port',                 { host: '127.0.0.1:9094', origin: 'http://127.0.0.1:8080' },        403],
    ['a sandboxed page',             { origin: 'null' },                                                 403],
    ['another site, without Origin', { 'sec-fetch-site': 'cross-site' },                                 403],
    ['a neighbour',                  { 'sec-fetch-site': 'same-site' },                                  403],
  ])('purging: %s', async (_says, headers, status) => {
    expect((await send('POST', '/cache/purge', headers)).status).toBe(status)
    expect(purged.length).toBe(status === 204 ? 1 : 0)
  })
})
