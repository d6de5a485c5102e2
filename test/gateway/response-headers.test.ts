import { describe, expect, test } from 'vitest'
import { responseHeaders } from '../../src/gateway/response/response-headers.js'

const ORIGIN = 'http://127.0.0.1:9192'

function lines(given: readonly string[], head = {}): string[] {
  const rawHeaders = given.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])
  const headers = responseHeaders({ rawHeaders, hasBody: true, dropsLength: false, takesChunks: true, ...head }, ORIGIN)
  return headers.flatMap((name, i) => (i % 2 ? [] : [`${name}: ${headers[i + 1]}`]))
}

test('headers stay as they were spelt, in order, each one', () => {
  const given = ['DATE: x', 'x-b: 2', 'Set-Cookie: a=1', 'Set-Cookie: b=2', 'Content-Encoding: gzip', 'X-Bytes: \xe9']
  expect(lines(given)).toEqual(given)
})

test('the length comes last', () => {
  expect(lines(['Content-Length: 5', 'Content-Disposition: attachment; filename="\xc3\xa9"'])).toEqual(
    ['Content-Disposition: attachment; filename="\xc3\xa9"', 'Content-Length: 5'])
})

describe('ends here', () => {
  test.each([
    // says                                given
    ['the connection',                     ['Connection: close']],
    ['its life',                           ['Keep-Alive: timeout=5', 'Proxy-Connection: close']],
    ['the transfer coding',                ['Transfer-Encoding: chunked', 'TE: trailers']],
    ['another protocol',                   ['Upgrade: h2c', 'Connection: Upgrade']],
    ['what the connection lists',          ['X-A: 1', 'Connection: close, x-a, X-B', 'X-B: 2']],
    ['a challenge',                        ['WWW-Authenticate: Basic realm="influxdb"', 'Proxy-Authenticate: NTLM']],
    ['what goes with one',                 ['Authentication-Info: nextnonce=1', 'Proxy-Authentication-Info: x']],
    ['a way around the gate',              ['Alt-Svc: h3=":9192"']],
  ])('%s', (_says, given) => {
    expect(lines(given)).toEqual([])
  })
})

test('a length is not sent with 204', () => {
  expect(lines(['Content-Length: 0'], { hasBody: false, dropsLength: true })).toEqual([])
})

describe('trailers are announced', () => {
  test.each<[string, string[], object, boolean]>([
    ['in chunks',                      ['Trailer: X-A'],                          {},                     true],
    ['not with a length',              ['Trailer: X-A', 'Content-Length: 5'],     {},                     false],
    ['not without a body',             ['Trailer: X-A'],                          { hasBody: false },     false],
    ['not before HTTP/1.1',            ['Trailer: X-A'],                          { takesChunks: false }, false],
  ])('%s', (_says, given, head, announced) => {
    expect(lines(given, head).includes('Trailer: X-A')).toBe(announced)
  })
})

describe('a Location on the upstream', () => {
  test.each([
    // says                           location                                 to the client
    ['is a path',                     'http://127.0.0.1:9192/tasks?a=1',       '/tasks?a=1'],
    ['is the root',                   'http://127.0.0.1:9192/',                '/'],
    ['was one before',                '/tasks',                                '/tasks'],
    ['never names another host',      'http://127.0.0.1:9192//evil/x',         'http://127.0.0.1:9192//evil/x'],
    ['in whatever way',               'http://127.0.0.1:9192/\\evil/x',        'http://127.0.0.1:9192/\\evil/x'],
    ['is not on another port',        'http://127.0.0.1:91920/x',              'http://127.0.0.1:91920/x'],
    ['nor on another host',           'http://127.0.0.1:9192.evil/x',          'http://127.0.0.1:9192.evil/x'],
    ['nor with a name',               'http://127.0.0.1:9192@evil/x',          'http://127.0.0.1:9192@evil/x'],
    ['elsewhere stays',               'https://example.com/x',                 'https://example.com/x'],
  ])('%s', (_says, location, expected) => {
    expect(lines([`Location: ${location}`])).toEqual([`Location: ${expected}`])
    expect(lines([`content-location: ${location}`])).toEqual([`content-location: ${expected}`])
  })
})
