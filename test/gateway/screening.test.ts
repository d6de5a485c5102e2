import { describe, expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import { screen } from '../../src/gateway/screening.js'

function screened(rawHeaders: string[], { method = 'GET', url = '/tasks', httpVersion = '1.1' } = {}) {
  return screen({ method, url, httpVersion, rawHeaders })
}

const status = (result: ReturnType<typeof screen>) => (result instanceof AuthError ? result.status : 200)

test('an ordinary request is read', () => {
  expect(screened(['Host', 'kapacitor:9092', 'Accept', '*/*'])).toMatchObject({ path: '/tasks' })
})

describe('one host', () => {
  test.each<[string, string[], number]>([
    // says                          headers                              status
    ['a name',                       ['Host', 'kapacitor'],               200],
    ['a name and a port',            ['Host', 'my-host_1.example.:9092'], 200],
    ['an address',                   ['host', '127.0.0.1:9092'],          200],
    ['an IPv6 address',              ['HOST', '[::1]:9092'],              200],
    ['without a port',               ['Host', '[::ffff:1.2.3.4]'],        200],
    ['a port left empty',            ['Host', 'kapacitor:'],              200],
    ['none',                         [],                                  400],
    ['two',                          ['Host', 'a', 'Host', 'b'],          400],
    ['two of the same',              ['Host', 'a', 'host', 'a'],          400],
    ['an empty one',                 ['Host', ''],                        400],
    ['a list',                       ['Host', 'a, b'],                    400],
    ['with a user',                  ['Host', 'a@b'],                     400],
    ['with a password',              ['Host', 'u:p@b'],                   400],
    ['with a space',                 ['Host', 'a b'],                     400],
    ['with a tab',                   ['Host', 'a\tb'],                    400],
    ['with a path',                  ['Host', 'a/b'],                     400],
    ['with a query',                 ['Host', 'a?b'],                     400],
    ['with a fragment',              ['Host', 'a#b'],                     400],
    ['with a backslash',             ['Host', 'a\\b'],                    400],
    ['with an escape',               ['Host', 'a%2eb'],                   400],
    ['a URL',                        ['Host', 'http://a'],                400],
    ['two ports',                    ['Host', 'a:1:2'],                   400],
    ['a port, not a number',         ['Host', 'a:b'],                     400],
    ['a port that is too long',      ['Host', 'a:123456'],                400],
    ['a port alone',                 ['Host', ':9092'],                   400],
    ['half an IPv6 address',         ['Host', '[::1'],                    400],
    ['an IPv6 address bare',         ['Host', '::1'],                     400],
    ['with a zone',                  ['Host', '[fe80::1%25eth0]'],        400],
    ['bytes beyond ASCII',           ['Host', 'a\xe9'],                   400],
    ['too long a name',              ['Host', 'a'.repeat(300)],           400],
  ])('%s', (_says, headers, expected) => {
    expect(status(screened(headers))).toBe(expected)
  })

  test('HTTP/1.0 knows none', () => {
    expect(status(screened([], { httpVersion: '1.0' }))).toBe(200)
    expect(status(screened(['Host', 'a', 'Host', 'b'], { httpVersion: '1.0' }))).toBe(400)
  })
})

describe('a request line that everybody reads alike', () => {
  test.each([
    // says                          method       target                        status
    ['absolute-form',                'GET',       'http://kapacitor/tasks',     400],
    ['another scheme',               'GET',       'https://kapacitor/tasks',    400],
    ['asterisk-form',                'OPTIONS',   '*',                          400],
    ['authority-form',               'GET',       'kapacitor:9092',             400],
    ['another host before the path', 'GET',       '//evil/tasks',               400],
    ['a user before it',             'GET',       '@evil/tasks',                400],
    ['an empty target',              'GET',       '',                           400],
    ['a fragment',                   'GET',       '/ping#/tasks',               400],
    ['TRACE',                        'TRACE',     '/tasks',                     405],
    ['CONNECT',                      'CONNECT',   'kapacitor:9092',             405],
    ['a method in lower case',       'get',       '/tasks',                     405],
    ['an unknown method',            'PROPFIND',  '/tasks',                     405],
    ['no method',                    '',          '/tasks',                     405],
  ])('%s', (_says, method, url, expected) => {
    expect(status(screened(['Host', 'a'], { method, url }))).toBe(expected)
  })
})

describe('no other protocol, no other coding', () => {
  test.each<[string, string[], string, number]>([
    // says                          headers                                                          version  status
    ['chunked',                      ['Transfer-Encoding', 'chunked'],                                '1.1',   200],
    ['in capitals',                  ['transfer-encoding', 'CHUNKED'],                                '1.1',   200],
    ['h2c',                          ['Connection', 'Upgrade, HTTP2-Settings', 'Upgrade', 'h2c'],     '1.1',   400],
    ['a websocket',                  ['Connection', 'Upgrade', 'Upgrade', 'websocket'],               '1.1',   400],
    ['an upgrade without connection', ['upgrade', 'h2c'],                                             '1.1',   400],
    ['an empty upgrade',             ['UPGRADE', ''],                                                 '1.1',   400],
    ['gzip and chunked',             ['Transfer-Encoding', 'gzip, chunked'],                          '1.1',   400],
    ['identity',                     ['Transfer-Encoding', 'identity'],                               '1.1',   400],
    ['chunked twice',                ['Transfer-Encoding', 'chunked, chunked'],                       '1.1',   400],
    ['in two headers',               ['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked'], '1.1',  400],
    ['with a parameter',             ['Transfer-Encoding', 'chunked;x=1'],                            '1.1',   400],
    ['something like chunked',       ['Transfer-Encoding', 'xchunked'],                               '1.1',   400],
    ['chunked before HTTP/1.1',      ['Transfer-Encoding', 'chunked'],                                '1.0',   400],
  ])('%s', (_says, headers, httpVersion, expected) => {
    expect(status(screened(['Host', 'a', ...headers], { httpVersion }))).toBe(expected)
  })
})

test('so many headers that Node may have dropped some are refused', () => {
  const many = (count: number) => Array.from({ length: count }, () => ['X', '1']).flat()
  expect(status(screened(['Host', 'a', ...many(900)]))).toBe(200)
  expect(status(screened(['Host', 'a', ...many(999)]))).toBe(431)
})
