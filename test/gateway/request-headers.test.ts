import { describe, expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import { type RequestHeaders, requestHeaders, type Sender } from '../../src/gateway/request/request-headers.js'

const SENDER: Sender = { user: 'ann', requestId: undefined, address: '192.0.2.1', isTrusted: false, isSecure: false }
const OPTIONS = { host: 'kapacitor:9192', forwardCookies: false }
const OURS = ['X-Forwarded-User: ann', 'X-Forwarded-For: 192.0.2.1', 'X-Forwarded-Proto: http', 'X-Forwarded-Host: me']

/** The headers as lines: given those that follow `Host: me`. */
function lines(given: readonly string[], sender: Partial<Sender> = {}, options = {}, method = 'GET'): string[] {
  const rawHeaders = ['Host: me', ...given].flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])
  const { headers } = requestHeaders({ method, rawHeaders }, { ...SENDER, ...sender }, { ...OPTIONS, ...options }) as RequestHeaders
  return headers.flatMap((name, i) => (i % 2 ? [] : [`${name}: ${headers[i + 1]}`]))
}

test('ours come with every request, and the host is the upstream’s own', () => {
  expect(lines([])).toEqual(['Host: kapacitor:9192', ...OURS])
})

test('other headers stay as they were spelt, in order, each one', () => {
  const given = ['ACCEPT: */*', 'x-b: 2', 'X-A: 1', 'x-b: 3', 'User-Agent: curl', 'X-Empty: ', 'X-Bytes: \xe9\xff']
  expect(lines(given)).toEqual(['Host: kapacitor:9192', ...given, ...OURS])
})

describe('what the client says about itself does not come through', () => {
  test.each([
    // says                             given
    ['its name',                        ['X-Forwarded-User: root']],
    ['twice',                           ['X-Forwarded-User: root', 'x-forwarded-user: root']],
    ['with underscores',                ['X_Forwarded_User: root']],
    ['with one of them',                ['X-Forwarded_User: root']],
    ['its request’s name',              ['X-Request-Id: 1', 'Request-Id: 2', 'X_Request_Id: 3', 'x-request_id: 4']],
    ['its credentials',                 ['Authorization: Basic YTpi', 'Proxy-Authorization: Basic YTpi']],
    ['its cookies',                     ['Cookie: session=1']],
    ['its address',                     ['X-Forwarded-For: 127.0.0.1', 'X-Real-IP: 127.0.0.1', 'Forwarded: for=127.0.0.1']],
    ['the scheme',                      ['X-Forwarded-Proto: https', 'X-Scheme: https']],
    ['the host',                        ['X-Forwarded-Host: evil', 'X-Host: evil']],
    ['the method',                      ['X-HTTP-Method-Override: DELETE']],
    ['the path',                        ['X-Original-URL: /kapacitor/v1/config', 'X-Rewrite-URL: /']],
    ['another protocol',                ['HTTP2-Settings: AAMAAABk', 'TE: trailers', 'Keep-Alive: timeout=99', 'Proxy-Connection: close']],
  ])('%s', (_says, given) => {
    expect(lines(given)).toEqual(['Host: kapacitor:9192', ...OURS])
  })

  test('nor if nobody has signed in', () => {
    for (const user of ['', undefined]) {
      expect(lines(['X-Forwarded-User: root', 'Remote-User: root'], { user }).join()).not.toContain('root')
    }
  })
})

describe('a Connection list', () => {
  test.each([
    // says                                     given
    ['takes away what it lists',                ['Connection: X-A, x-b', 'X-A: 1', 'X-B: 2']],
    ['wherever it stands',                      ['X-A: 1', 'Connection: close, X-A']],
    ['in every spelling',                       ['x-a: 1', 'X-A: 2', 'Connection: ,  X-a ,,']],
    ['over several lines',                      ['Connection: X-B', 'X-A: 1', 'X-B: 2', 'connection: X-A']],
    ['cannot take away ours',                   ['Connection: X-Forwarded-User, X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host']],
    ['in whatever case',                        ['Connection: close, x-forwarded-user, X-FORWARDED-FOR']],
    ['nor the host',                            ['Connection: Host']],
    ['and is not forwarded',                    ['Connection: keep-alive, Upgrade, HTTP2-Settings']],
  ])('%s', (_says, given) => {
    expect(lines(given)).toEqual(['Host: kapacitor:9192', ...OURS])
  })

  test('cannot take away the length of the body', () => {
    expect(lines(['Connection: Content-Length', 'Content-Length: 5'])).toContain('Content-Length: 5')
    expect(lines(['Connection: Transfer-Encoding', 'Transfer-Encoding: chunked'])).toContain('Transfer-Encoding: chunked')
  })
})

describe('a body is announced as it came', () => {
  test.each<[string, string, string[], string | undefined, boolean]>([
    // says                            method    given                                         last line                      body
    ['by its length',                  'POST',   ['Content-Length: 5'],                        'Content-Length: 5',           true],
    ['without needless zeros',         'POST',   ['Content-Length: 0005'],                     'Content-Length: 5',           true],
    ['longer than any number',         'POST',   ['Content-Length: 99999999999999999'],        'Content-Length: 99999999999999999', true],
    ['in chunks',                      'POST',   ['Transfer-Encoding: Chunked'],               'Transfer-Encoding: chunked',  true],
    ['of a GET',                       'GET',    ['Content-Length: 5'],                        'Content-Length: 5',           true],
    ['empty',                          'POST',   ['Content-Length: 0'],                        'Content-Length: 0',           false],
    ['empty, with needless zeros',     'DELETE', ['Content-Length: 00'],                       'Content-Length: 0',           false],
    ['none at all in a POST',          'POST',   [],                                           'Content-Length: 0',           false],
    ['none at all in a DELETE',        'DELETE', [],                                           'X-Forwarded-Host: me',        false],
  ])('%s', (_says, method, given, last, hasBody) => {
    const rawHeaders = ['Host', 'me', ...given.flatMap((line) => line.split(': '))]
    const result = requestHeaders({ method, rawHeaders }, SENDER, OPTIONS) as RequestHeaders
    expect(result.headers.slice(-2).join(': ')).toBe(last)
    expect(result.hasBody).toBe(hasBody)
  })

  test('trailers are announced with chunks only', () => {
    expect(lines(['Trailer: X-A', 'Transfer-Encoding: chunked', 'trailer: X-B']).slice(-2)).toEqual(['Trailer: X-A, X-B', 'Transfer-Encoding: chunked'])
    expect(lines(['Trailer: X-A', 'Content-Length: 5']).join()).not.toContain('Trailer')
  })
})

describe('a trusted proxy', () => {
  const behind = (given: string[], sender = {}) => lines(given, { isTrusted: true, ...sender }).slice(1)

  test.each<[string, string[], string[]]>([
    // says                        given                                                         forwarded
    ['speaks for its clients',     ['X-Forwarded-For: 203.0.113.5', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: kap'],
      ['X-Forwarded-User: ann', 'X-Forwarded-For: 203.0.113.5, 192.0.2.1', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: kap']],
    ['itself behind others',       ['X-Forwarded-For: 203.0.113.5, 10.0.0.1', 'X-Forwarded-For: 10.0.0.2'],
      ['X-Forwarded-User: ann', 'X-Forwarded-For: 203.0.113.5, 10.0.0.1, 10.0.0.2, 192.0.2.1', 'X-Forwarded-Proto: http', 'X-Forwarded-Host: me']],
    ['or says nothing',            [], OURS],
    ['but not who somebody is',    ['X-Forwarded-User: root', 'X-Forwarded-Email: r@x', 'Remote-User: root'], OURS],
    ['nor in another form',        ['Forwarded: for=203.0.113.5', 'X-Real-IP: 203.0.113.5', 'X_Forwarded_For: 203.0.113.5'], OURS],
  ])('%s', (_says, given, forwarded) => {
    expect(behind(given)).toEqual(forwarded)
  })
})

test('a request’s id is ours, whatever the client calls it', () => {
  const given = ['X-Request-Id: theirs', 'Request-Id: theirs', 'Connection: X-Request-Id']
  const ids = lines(given, { requestId: 'ours' }).filter((line) => /request.?id/i.test(line))
  expect(ids).toEqual(['X-Request-Id: ours'])
})

test('HTTPS is told', () => {
  expect(lines([], { isSecure: true })).toContain('X-Forwarded-Proto: https')
})

test('an unknown address is left out, and so is a host that HTTP/1.0 may leave out', () => {
  const { headers } = requestHeaders({ method: 'GET', rawHeaders: [] }, { ...SENDER, address: undefined }, OPTIONS) as RequestHeaders
  expect(headers).toEqual(['Host', 'kapacitor:9192', 'X-Forwarded-User', 'ann', 'X-Forwarded-Proto', 'http'])
})

test('cookies come through where they are wanted', () => {
  expect(lines(['Cookie: a=1'], {}, { forwardCookies: true })).toContain('Cookie: a=1')
})

test('a user name that cannot be written is refused', () => {
  const refusal = requestHeaders({ method: 'GET', rawHeaders: [] }, { ...SENDER, user: '\ud800' }, OPTIONS)
  expect(refusal).toBeInstanceOf(AuthError)
  expect((refusal as AuthError).status).toBe(400)
})
