import Koa from 'koa'
import { describe, expect, test } from 'vitest'
import { AuthError, type AuthErrorCode } from '../src/errors.js'
import { errorResponse } from '../src/middleware/error-response.js'
import { startServer } from './support/servers.js'

const CHALLENGE = { 'WWW-Authenticate': 'Basic realm="kapacitor", charset="UTF-8"' }
const TOKEN_CHALLENGE = { 'WWW-Authenticate': `${CHALLENGE['WWW-Authenticate']}, Bearer realm="kapacitor", error="invalid_token"` }
const LATER = { 'Retry-After': '1' }

/** Every code: one that is missing here does not compile. */
const ROWS: Record<AuthErrorCode, [number, boolean, Record<string, string>]> = {
  // code                    status  shown   headers
  ERR_REQUEST_AMBIGUOUS:    [400,    true,   {}],
  ERR_REQUEST_INVALID:      [400,    true,   {}],
  ERR_CREDENTIALS_MISSING:  [401,    true,   CHALLENGE],
  ERR_CREDENTIALS_REJECTED: [401,    true,   CHALLENGE],
  ERR_TOKEN_INVALID:        [401,    true,   TOKEN_CHALLENGE],
  ERR_PRIVILEGE_MISSING:    [403,    true,   {}],
  ERR_NOT_FOUND:            [404,    true,   {}],
  ERR_METHOD_UNKNOWN:       [405,    true,   {}],
  ERR_REQUEST_TIMEOUT:      [408,    true,   {}],
  ERR_CONFLICT:             [409,    true,   {}],
  ERR_BODY_TOO_LARGE:       [413,    true,   {}],
  ERR_TOO_MANY_ATTEMPTS:    [429,    true,   {}],
  ERR_HEADERS_TOO_LARGE:    [431,    true,   {}],
  ERR_CONFIG_INVALID:       [500,    false,  {}],
  ERR_INTERNAL:             [500,    false,  {}],
  ERR_UPSTREAM_UNAVAILABLE: [502,    true,   {}],
  ERR_META_INVALID:         [503,    true,   LATER],
  ERR_META_UNAVAILABLE:     [503,    true,   LATER],
  ERR_PROVIDER_UNAVAILABLE: [503,    true,   LATER],
  ERR_STORE_UNAVAILABLE:    [503,    true,   LATER],
  ERR_BUSY:                 [503,    true,   LATER],
  ERR_UPSTREAM_TIMEOUT:     [504,    true,   {}],
}
const TABLE = (Object.keys(ROWS) as AuthErrorCode[]).map((code) => [code, ...ROWS[code]] as const)

describe('a code says it all', () => {
  test.each(TABLE)('%s is %d', (code, status, expose, headers) => {
    const error = new AuthError(code, 'because')
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'AuthError', code, status, expose, headers, message: 'because' })
    expect(error.headers).toEqual(headers)
    expect(error.body).toBe(expose ? '{"error":"because"}' : '{"error":"internal error"}')
  })
})

test.each([
  // says                             code                        given                                 headers
  ['beside what the status brings',   'ERR_CREDENTIALS_REJECTED', { Allow: 'GET' },                     { ...CHALLENGE, Allow: 'GET' }],
  ['instead of it',                   'ERR_BUSY',                 { 'Retry-After': '30' },              { 'Retry-After': '30' }],
  ['where it brings none',            'ERR_METHOD_UNKNOWN',       { Allow: 'GET' },                     { Allow: 'GET' }],
] as const)('headers may be given %s', (_says, code, given, headers) => {
  expect(new AuthError(code, 'because', { headers: given }).headers).toEqual(headers)
})

test('nobody changes another error’s headers', () => {
  const one = new AuthError('ERR_BUSY', 'one')
  expect(() => Object.assign(one.headers, { 'Retry-After': '9' })).toThrow(TypeError)
  expect(new AuthError('ERR_BUSY', 'other').headers).toEqual({ 'Retry-After': '1' })
})

describe('the cause is the operator’s', () => {
  const cause = new Error('the meta node at 10.0.0.1 said hunter2')
  const error = new AuthError('ERR_META_UNAVAILABLE', 'meta node unavailable', { cause })

  test('it travels with the error', () => {
    expect(error.cause).toBe(cause)
    expect('cause' in new AuthError('ERR_BUSY', 'because')).toBe(false)
  })

  test('but not to the caller', () => {
    expect(error.body).toBe('{"error":"meta node unavailable"}')
    expect(JSON.stringify(error)).not.toContain('hunter2')
  })
})

describe('thrown in Koa', () => {
  const answer = async (thrown: unknown, ...before: Koa.Middleware[]) => {
    const app = new Koa()
    app.silent = true
    for (const middleware of before) app.use(middleware)
    app.use(() => { throw thrown })
    const server = await startServer(app.callback())
    const res = await fetch(server.url)
    const text = await res.text()
    await server.close()
    return { status: res.status, headers: Object.fromEntries(res.headers), text }
  }

  test.each([
    // says                     thrown                                               status  text                      header
    ['a refusal',               new AuthError('ERR_TOKEN_INVALID', 'invalid token'), 401,    'invalid token',          'www-authenticate'],
    ['an outage',               new AuthError('ERR_META_UNAVAILABLE', 'try again'),  503,    'try again',              'retry-after'],
    ['a mistake of ours',       new AuthError('ERR_INTERNAL', 'hunter2'),            500,    'Internal Server Error',  'content-type'],
  ])('without us: %s is answered correctly as it stands', async (_says, thrown, status, text, header) => {
    expect(await answer(thrown)).toMatchObject({ status, text, headers: { [header]: expect.any(String) } })
  })

  test.each(TABLE)('with us: %s is JSON with nothing else in it', async (code, status, expose, headers) => {
    const { text, ...rest } = await answer(new AuthError(code, 'be"cause\n<b>'), errorResponse())
    expect(rest.status).toBe(status)
    expect(text).toBe(expose ? '{"error":"be\\"cause\\n<b>"}' : '{"error":"internal error"}')
    expect(rest.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'x-content-type-options': 'nosniff' })
    for (const [name, value] of Object.entries(headers)) expect(rest.headers[name.toLowerCase()]).toBe(value)
  })

  test('with us: the application’s own errors are its own', async () => {
    expect(await answer(new Error('hunter2'), errorResponse())).toMatchObject({ status: 500, text: 'Internal Server Error' })
    expect(await answer(Object.assign(new Error('teapot'), { status: 418, expose: true }), errorResponse())).toMatchObject({ status: 418, text: 'teapot' })
  })
})
