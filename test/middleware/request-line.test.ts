import Koa from 'koa'
import { describe, expect, test } from 'vitest'
import { DELETE, NONE, READ, WRITE } from '../../src/authz/privilege.js'
import { withParents } from '../../src/authz/resource.js'
import { AuthError } from '../../src/errors.js'
import { requestLine } from '../../src/middleware/check-request-line.js'
import { errorResponse } from '../../src/middleware/error-response.js'
import { readRequestLine, unknownMethod } from '../../src/middleware/request-line.js'
import { startServer } from '../support/servers.js'

describe('a request line that reads the same to everybody is judged', () => {
  test.each([
    // method     target                             privilege  path                         resource
    ['GET',       '/kapacitor/v1/tasks',             READ,      '/kapacitor/v1/tasks',       '/api/tasks'],
    ['POST',      '/write?db=a',                     WRITE,     '/write',                    '/api/write'],
    ['PUT',       '/kapacitor/v1/%74asks/',          WRITE,     '/kapacitor/v1/tasks/',      '/api/tasks'],
    ['PATCH',     '/kapacitor/v1/tasks/jos%C3%A9',   WRITE,     '/kapacitor/v1/tasks/josé',  '/api/tasks/josé'],
    ['DELETE',    '/kapacitor/v1/tasks/cpu',         DELETE,    '/kapacitor/v1/tasks/cpu',   '/api/tasks/cpu'],
    ['HEAD',      '/kapacitor/v1/config',            NONE,      '/kapacitor/v1/config',      '/api/config'],
    ['OPTIONS',   '/',                               NONE,      '/',                         '/api'],
  ])('%s %s', (method, target, privilege, path, resource) => {
    expect(readRequestLine(method, target)).toEqual({ path, action: { privilege, resource, resources: withParents(resource) } })
  })
})

test('a target that comes again is judged by the method that it comes with', () => {
  for (const [method, privilege] of [['GET', READ], ['DELETE', DELETE], ['POST', WRITE], ['GET', READ]] as const) {
    expect(readRequestLine(method, '/kapacitor/v1/again')).toEqual({ path: '/kapacitor/v1/again', action: { privilege, resource: '/api/again', resources: ['/api/again', '/api', '/'] } })
  }
})

test.each([
  // says                    target                              deep
  ['as deep as may be',      '/x'.repeat(64),                    false],
  ['one deeper',             '/x'.repeat(65),                    true],
  ['with a last slash',      `${'/x'.repeat(64)}/`,              true],
  ['D4: far too deep',       '/x'.repeat(7_500),                 true],
  ['escaped',                '/%78'.repeat(65),                  true],
  ['in the query',           `/x?${'/x'.repeat(7_500)}`,         false],
  ['long, but not deep',     `/${'x'.repeat(15_000)}`,           false],
])('a path %s', (_says, target, deep) => {
  const line = readRequestLine('GET', target)
  expect(line instanceof AuthError && line.code).toBe(deep && 'ERR_REQUEST_INVALID')
})

describe('any other is refused', () => {
  test.each([
    // method     target                             code
    ['GET',       '/kapacitor/v1/tasks/../config',   'ERR_REQUEST_AMBIGUOUS'],
    ['GET',       '/kapacitor/v1//tasks',            'ERR_REQUEST_AMBIGUOUS'],
    ['GET',       '/kapacitor/v1/tasks%2Fx',         'ERR_REQUEST_AMBIGUOUS'],
    ['GET',       '/kapacitor/v1/tasks%00',          'ERR_REQUEST_AMBIGUOUS'],
    ['GET',       '/kapacitor/v1/%zz',               'ERR_REQUEST_AMBIGUOUS'],
    ['GET',       '/kapacitor/v1/tasks#x',           'ERR_REQUEST_AMBIGUOUS'],
    ['GET',       'http://other/kapacitor/v1/tasks', 'ERR_REQUEST_AMBIGUOUS'],
    ['GET',       '*',                               'ERR_REQUEST_AMBIGUOUS'],
    ['OPTIONS',   '*',                               'ERR_REQUEST_AMBIGUOUS'],
    ['OPTIONS',   '/tasks/../config',                'ERR_REQUEST_AMBIGUOUS'],
    ['HEAD',      '/tasks/../config',                'ERR_REQUEST_AMBIGUOUS'],
    ['GET',       '',                                'ERR_REQUEST_AMBIGUOUS'],
    ['get',       '/kapacitor/v1/tasks',             'ERR_METHOD_UNKNOWN'],
    ['TRACE',     '/kapacitor/v1/tasks',             'ERR_METHOD_UNKNOWN'],
    ['CONNECT',   '127.0.0.1:80',                    'ERR_METHOD_UNKNOWN'],
    ['PROPFIND',  '/kapacitor/v1/tasks',             'ERR_METHOD_UNKNOWN'],
    ['FOO',       '/kapacitor/v1//tasks',            'ERR_METHOD_UNKNOWN'],
    ['',          '/kapacitor/v1/tasks',             'ERR_METHOD_UNKNOWN'],
  ])('%j %s', (method, target, code) => {
    const refusal = readRequestLine(method, target)
    expect(refusal).toBeInstanceOf(AuthError)
    expect(refusal).toMatchObject({ code })
  })

  test('an ambiguous path is not repeated to its sender', () => {
    expect(readRequestLine('GET', '/tasks/../secret?u=ann&p=apw')).toMatchObject({ status: 400, message: 'ambiguous request path' })
  })

  test('405 names the methods that there are', () => {
    expect(unknownMethod()).toMatchObject({
      status: 405,
      message: 'method not allowed',
      headers: { Allow: 'GET, POST, PATCH, PUT, DELETE, HEAD, OPTIONS' },
    })
  })
})

test.each([
  // says                                  method      path                          header                                      status  reached
  ['a good one goes on',                   'GET',      '/kapacitor/v1/tasks',        {},                                         200,    true],
  ['an unknown method does not',           'PROPFIND', '/kapacitor/v1/tasks',        {},                                         405,    false],
  ['nor an escaped slash',                 'GET',      '/kapacitor/v1/tasks%2Fx',    {},                                         400,    false],
  ['a method override overrides nothing',  'PROPFIND', '/kapacitor/v1/tasks',        { 'X-HTTP-Method-Override': 'GET' },        405,    false],
  ['nor does one in the query',            'PROPFIND', '/tasks?_method=GET',         {},                                         405,    false],
  ['no header rewrites the path',          'GET',      '/kapacitor/v1/tasks%2Fx',    { 'X-Original-URL': '/ping', 'X-Rewrite-URL': '/ping' }, 400, false],
])('as middleware: %s', async (_says, method, path, headers, status, reached) => {
  let passed = false
  const app = new Koa().use(errorResponse()).use(requestLine()).use((ctx) => {
    passed = true
    ctx.status = 200
  })
  const server = await startServer(app.callback())
  const answer = await fetch(server.url + path, { method, headers }).finally(server.close)
  expect({ status: answer.status, reached: passed }).toEqual({ status, reached })
})
