import { describe, expect, test } from 'vitest'
import { parseUpstreamAddress } from '../../src/gateway/connections/upstream-address.js'

test.each([
  // url                          host                    origin                          secure  at
  ['http://127.0.0.1:9192',       '127.0.0.1:9192',       'http://127.0.0.1:9192',        false,  { host: '127.0.0.1', port: 9192 }],
  ['http://127.0.0.1:9192/',      '127.0.0.1:9192',       'http://127.0.0.1:9192',        false,  { host: '127.0.0.1', port: 9192 }],
  ['http://Kapacitor',            'kapacitor',            'http://kapacitor',             false,  { host: 'kapacitor', port: 80 }],
  ['https://kapacitor',           'kapacitor',            'https://kapacitor',            true,   { host: 'kapacitor', port: 443 }],
  ['https://kapacitor:9092',      'kapacitor:9092',       'https://kapacitor:9092',       true,   { host: 'kapacitor', port: 9092 }],
  ['http://[::1]:9192',           '[::1]:9192',           'http://[::1]:9192',            false,  { host: '::1', port: 9192 }],
  ['unix:/run/kapacitor.sock',    'localhost',            'http://localhost',             false,  { path: '/run/kapacitor.sock' }],
])('%s', (url, host, origin, isSecure, at) => {
  expect(parseUpstreamAddress(url)).toEqual({ host, origin, isSecure, at })
})

describe('refused', () => {
  test.each([
    // says                        url                                   because
    ['nothing',                    '',                                   /http:\/\/host:port/],
    ['no scheme',                  '127.0.0.1:9192',                     /http:\/\/host:port/],
    ['another scheme',             'ftp://127.0.0.1',                    /http:\/\/host:port/],
    ['a websocket',                'ws://127.0.0.1',                     /http:\/\/host:port/],
    ['no host',                    'http://',                            /http:\/\/host:port/],
    ['not a port',                 'http://127.0.0.1:99999',             /http:\/\/host:port/],
    ['port 0',                     'http://127.0.0.1:0',                 /port/],
    ['a path',                     'http://127.0.0.1:9192/kapacitor',    /path/],
    ['a query',                    'http://127.0.0.1:9192?u=a',          /query/],
    ['a fragment',                 'http://127.0.0.1:9192#a',            /fragment/],
    ['credentials',                'http://u:p@127.0.0.1:9192',          /credentials/],
    ['a name alone',               'http://u@127.0.0.1:9192',            /credentials/],
    ['a relative socket',          'unix:run/kapacitor.sock',            /absolute/],
    ['a socket without path',      'unix:',                              /absolute/],
    ['a socket with NUL',          'unix:/run/\0',                       /absolute/],
  ])('%s', (_says, url, because) => {
    expect(() => parseUpstreamAddress(url)).toThrow(TypeError)
    expect(() => parseUpstreamAddress(url)).toThrow(because)
  })

  test('a message shows no password', () => {
    expect(() => parseUpstreamAddress('http://u:s3cret@127.0.0.1')).toThrow(/^((?!s3cret).)*$/)
  })
})
