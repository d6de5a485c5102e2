import { describe, expect, test } from 'vitest'
import { ALLOWED_METHODS, apiAction, databaseWrite, isDataWrite, privilegeOfMethod } from '../../src/authz/action.js'
import { DELETE, NONE, READ, WRITE } from '../../src/authz/privilege.js'
import { withParents } from '../../src/authz/resource.js'

describe('a method needs', () => {
  test.each([
    // method     privilege
    ['GET',       READ],
    ['POST',      WRITE],
    ['PATCH',     WRITE],
    ['PUT',       WRITE],
    ['DELETE',    DELETE],
    ['HEAD',      NONE],
    ['OPTIONS',   NONE],
    ['get',       undefined],
    ['Get',       undefined],
    ['post',      undefined],
    ['head',      undefined],
    ['TRACE',     undefined],
    ['CONNECT',   undefined],
    ['PROPFIND',  undefined],
    ['QUERY',     undefined],
    ['LINK',      undefined],
    ['FOO',       undefined],
    ['GET ',      undefined],
    [' GET',      undefined],
    ['GET\0',     undefined],
    ['',          undefined],
    ['__proto__', undefined],
    ['toString',  undefined],
  ])('%j: %s', (method, privilege) => {
    expect(privilegeOfMethod(method)).toBe(privilege)
  })

  test('Allow lists exactly the methods that mean something', () => {
    expect(ALLOWED_METHODS).toBe('GET, POST, PATCH, PUT, DELETE, HEAD, OPTIONS')
    for (const method of ALLOWED_METHODS.split(', ')) expect(privilegeOfMethod(method)).toBeDefined()
  })
})

test('an API action is the privilege on the resource of the path', () => {
  expect(apiAction(DELETE, '/kapacitor/v1/tasks/cpu')).toEqual({ resource: '/api/tasks/cpu', privilege: DELETE, resources: ['/api/tasks/cpu', '/api/tasks', '/api', '/'] })
})

describe('points need write on their database too', () => {
  test.each([
    // says                              method    path                          expected
    ['at the API',                       'POST',   '/kapacitor/v1/write',        true],
    ['at the preview',                   'POST',   '/kapacitor/v1preview/write', true],
    ['at the root, as InfluxDB has it',  'POST',   '/write',                     true],
    ['a last slash dodges nothing',      'POST',   '/write/',                    true],
    ['a last slash at the API neither',  'POST',   '/kapacitor/v1/write/',       true],
    ['reading is not posting',           'GET',    '/write',                     false],
    ['deleting is not posting',          'DELETE', '/write',                     false],
    ['below it there is something else', 'POST',   '/write/x',                   false],
    ['a name that starts alike',         'POST',   '/writes',                    false],
    ['case matters',                     'POST',   '/Write',                     false],
    ['another endpoint',                 'POST',   '/kapacitor/v1/tasks',        false],
    ['a task of that name',              'POST',   '/kapacitor/v1/tasks/write',  false],
    ['the base path once more',          'POST',   '/kapacitor/v1/kapacitor/v1/write', false],
  ])('%s', (_says, method, path, expected) => {
    expect(isDataWrite(method, apiAction(WRITE, path))).toBe(expected)
  })

  test.each([
    // database      resource
    ['telegraf',     '/database/telegraf_clean'],
    ['',             '/database'],
    ['a/b',          '/database/a%2Fb_clean'],
  ])('into %j', (database, resource) => {
    expect(databaseWrite(database)).toEqual({ resource, privilege: WRITE, resources: withParents(resource) })
  })
})
