import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apiResource, databaseResource, withParents } from '../../src/authz/resource.js'

describe('the base path is cut off once, at the end of a segment', () => {
  test.each([
    // says                              path                                       resource
    ['an endpoint',                      '/kapacitor/v1/tasks',                     '/api/tasks'],
    ['something below it',               '/kapacitor/v1/tasks/cpu/x',               '/api/tasks/cpu/x'],
    ['the configuration',                '/kapacitor/v1/config/smtp/',              '/api/config/smtp'],
    ['the preview',                      '/kapacitor/v1preview/config',             '/api/config'],
    ['the base path alone',              '/kapacitor/v1',                           '/api'],
    ['the base path with a slash',       '/kapacitor/v1/',                          '/api'],
    ['the preview alone',                '/kapacitor/v1preview',                    '/api'],
    ['the root',                         '/',                                       '/api'],
    ['outside: as it stands',            '/write',                                  '/api/write'],
    ['outside, with a slash',            '/ping/',                                  '/api/ping'],
    ['no boundary before config',        '/kapacitor/v1config',                     '/api/kapacitor/v1config'],
    ['no boundary before x',             '/kapacitor/v1x/tasks',                    '/api/kapacitor/v1x/tasks'],
    ['no boundary after the preview',    '/kapacitor/v1previews/tasks',             '/api/kapacitor/v1previews/tasks'],
    ['only half a base path',            '/kapacitor/tasks',                        '/api/kapacitor/tasks'],
    ['another version',                  '/kapacitor/v2/config',                    '/api/kapacitor/v2/config'],
    ['twice: cut once',                  '/kapacitor/v1/kapacitor/v1/config',       '/api/kapacitor/v1/config'],
    ['one base path in the other',       '/kapacitor/v1preview/kapacitor/v1/config', '/api/kapacitor/v1/config'],
    ['the other way round',              '/kapacitor/v1/kapacitor/v1preview/x',     '/api/kapacitor/v1preview/x'],
    ['not at the start',                 '/x/kapacitor/v1/config',                  '/api/x/kapacitor/v1/config'],
    ['case matters',                     '/KAPACITOR/v1/config',                    '/api/KAPACITOR/v1/config'],
    ['case matters below it',            '/kapacitor/v1/Config',                    '/api/Config'],
    ['a parameter is part of the name',  '/kapacitor/v1;x=1/config',                '/api/kapacitor/v1;x=1/config'],
    ['never a database',                 '/database/telegraf_clean',                '/api/database/telegraf_clean'],
    ['never out of the API',             '/api/config',                             '/api/api/config'],
  ])('%s', (_says, path, resource) => {
    expect(apiResource(path)).toBe(resource)
  })
})

describe('one database name, one resource', () => {
  test.each([
    // name         resource
    ['',            '/database'],
    ['telegraf',    '/database/telegraf_clean'],
    ['a/b_c',       '/database/a%2Fb_c_clean'],
    ['a_b/c',       '/database/a_b%2Fc_clean'],
    ['a%2Fb',       '/database/a%252Fb_clean'],
    ['/',           '/database/%2F_clean'],
    ['..',          '/database/.._clean'],
    ['../api',      '/database/..%2Fapi_clean'],
    ['telegraf_clean', '/database/telegraf_clean_clean'],
    ['__proto__',   '/database/__proto___clean'],
  ])('%j', (name, resource) => {
    expect(databaseResource(name)).toBe(resource)
  })

  const name = fc.string({ unit: fc.constantFrom('/', '%', '2', 'F', 'f', '5', '_', 'c', 'l', 'e', 'a', 'n', '.', '\0', 'ä') })

  test('two names never meet', () => {
    fc.assert(fc.property(name, name, (a, b) => {
      expect(databaseResource(a) === databaseResource(b)).toBe(a === b)
    }), { numRuns: 2_000 })
  })

  test('none lies above or below another', () => {
    fc.assert(fc.property(name, (a) => {
      const one = databaseResource(a)
      expect(withParents(one)).toEqual(a === '' ? [one, '/'] : [one, '/database', '/'])
    }))
  })
})

test.each([
  // resource          wider ones
  ['/api/config/smtp', ['/api/config', '/api', '/']],
  ['/api/config',      ['/api', '/']],
  ['/api',             ['/']],
  ['/',                []],
  ['',                 ['/']],
  ['api',              ['/']],
  ['/api/',            ['/api', '/']],
  ['//a',              ['/']],
])('%j, and the wider resources that it is part of', (resource, wider) => {
  expect(withParents(resource)).toEqual([resource, ...wider])
})
