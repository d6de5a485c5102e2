import { request } from 'node:http'
import Koa from 'koa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rejected } from '../../src/authn/credentials.js'
import { cors } from '../../src/middleware/cors.js'
import { errorResponse } from '../../src/middleware/error-response.js'
import { startServer, type TestServer } from '../support/servers.js'

let server: TestServer
let reached: string[] = []

beforeAll(async () => {
  const app = new Koa().use(cors()).use(errorResponse()).use((ctx) => {
    reached.push(`${ctx.method} ${ctx.path}`)
    if (ctx.path === '/refused') throw rejected()
    if (ctx.path === '/varied') ctx.vary('Accept-Encoding')
    ctx.body = 'reached'
  })
  server = await startServer(app.callback())
})

afterAll(() => server.close())

interface Answer { status: number; headers: Record<string, unknown>; body: string }

/** As node:http sends it: fetch would not let us choose Origin. */
function ask(method: string, path: string, headers: Record<string, string | string[]>): Promise<Answer> {
  reached = []
  return new Promise((resolve, reject) => {
    request(server.url + path, { method, headers, agent: false }, (res) => {
      let body = ''
      res.setEncoding('utf8').on('data', (data) => { body += data })
        .on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body }))
    }).on('error', reject).end()
  })
}

const METHODS = 'DELETE, GET, OPTIONS, POST, PATCH, PUT'
const HEADERS = 'Accept, Accept-Encoding, Authorization, Content-Length, Content-Type, X-CSRF-Token'

describe('pages of any origin may read the answer, as in Kapacitor', () => {
  test.each([
    // says                             method     path         origin                   allowed origin
    ['a page',                          'GET',     '/',         'http://a.example',      'http://a.example'],
    ['a page of another scheme',        'POST',    '/',         'https://b.example:8443', 'https://b.example:8443'],
    ['a page without an origin',        'DELETE',  '/',         'null',                  'null'],
    ['a page that is refused',          'GET',     '/refused',  'http://a.example',      'http://a.example'],
    ['a page that asks first',          'OPTIONS', '/',         'http://a.example',      'http://a.example'],
    ['a page that asks about a refusal', 'OPTIONS', '/refused', 'http://a.example',      'http://a.example'],
    ['no page',                         'GET',     '/',         undefined,               undefined],
    ['no page, refused',                'GET',     '/refused',  undefined,               undefined],
    ['no page, OPTIONS',                'OPTIONS', '/',         undefined,               undefined],
    ['an empty origin',                 'GET',     '/',         '',                      undefined],
    ['an empty origin, OPTIONS',        'OPTIONS', '/',         '',                      undefined],
  ])('%s', async (_says, method, path, origin, allowed) => {
    const { headers } = await ask(method, path, origin === undefined ? {} : { Origin: origin })
    const asksFirst = allowed !== undefined && method === 'OPTIONS'
    expect(headers['access-control-allow-origin']).toBe(allowed)
    expect(headers['access-control-allow-methods']).toBe(asksFirst ? METHODS : undefined)
    expect(headers['access-control-allow-headers']).toBe(asksFirst ? HEADERS : undefined)
    expect(headers.vary).toBe(allowed === undefined ? undefined : 'Origin')
  })

  test.each(['GET', 'POST', 'DELETE', 'OPTIONS'])('but no browser sends credentials of its own along: %s', async (method) => {
    const { headers } = await ask(method, '/', { Origin: 'http://a.example', Cookie: 'a=1' })
    expect(headers).not.toHaveProperty('access-control-allow-credentials')
  })

  test.each([
    // says                          sent
    ['methods that we do not have',  { 'Access-Control-Request-Method': 'TRACE' }],
    ['headers that we do not take',  { 'Access-Control-Request-Headers': 'X-Forwarded-User' }],
    ['a private network',            { 'Access-Control-Request-Private-Network': 'true' }],
  ])('what is asked for is not simply granted: %s', async (_says, sent) => {
    const { headers } = await ask('OPTIONS', '/', { Origin: 'http://a.example', ...sent })
    expect(headers).toMatchObject({ 'access-control-allow-methods': METHODS, 'access-control-allow-headers': HEADERS })
    expect(headers).not.toHaveProperty('access-control-allow-private-network')
  })

  test('what the application varies by is kept', async () => {
    const { headers } = await ask('GET', '/varied', { Origin: 'http://a.example' })
    expect(headers.vary).toBe('Origin, Accept-Encoding')
  })
})

describe('OPTIONS is answered here, empty', () => {
  test.each([
    // says                          path          headers
    ['without credentials',          '/',          {}],
    ['with an origin',               '/',          { Origin: 'http://a.example' }],
    ['with wrong credentials',       '/',          { Authorization: 'Basic x' }],
    ['where the answer would be no', '/refused',   {}],
    ['where there is nothing',       '/nowhere',   {}],
  ])('%s', async (_says, path, headers) => {
    const answer = await ask('OPTIONS', path, headers)
    expect(answer).toMatchObject({ status: 200, body: '', headers: { 'content-length': '0' } })
    expect(answer.headers).not.toHaveProperty('content-type')
    expect(reached).toEqual([])
  })

  test.each([
    // says                       method   headers
    ['a GET',                     'GET',   {}],
    ['a GET with an origin',      'GET',   { Origin: 'http://a.example' }],
    ['a GET that pretends',       'GET',   { 'X-HTTP-Method-Override': 'OPTIONS' }],
    ['a POST that pretends',      'POST',  { 'Access-Control-Request-Method': 'GET' }],
  ])('%s goes on to the application', async (_says, method, headers) => {
    expect(await ask(method, '/', headers)).toMatchObject({ status: 200, body: 'reached' })
    expect(reached).toEqual([`${method} /`])
  })
})
