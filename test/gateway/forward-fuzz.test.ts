// The promise of the whole gateway, for 100,000 requests of every sort: what is judged is what is forwarded, nothing
// forbidden reaches the upstream, nothing crashes or hangs.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalPath } from '../../src/authz/canonical-path.js'
import { AuthError } from '../../src/errors.js'
import { forwardedRequest } from '../../src/gateway/request/forwarded-request.js'
import { startRecordingUpstream } from '../support/recording-upstream.js'
import { EVIL, framing, headers, host, method, readable, target, userName } from './fuzz.js'
import { ANN, startGateway } from './gateway.js'
import { rawClient } from './raw-client.js'

const OPTIONS = { host: 'kapacitor:9192', forwardCookies: false }

/** A header's name as CGI, WSGI and their like read it. */
const cgi = (name: string) => name.toUpperCase().replace(/[^A-Z0-9]/g, '_')

/** What only we may say, exactly as we say it; what nobody may. */
const SAID_BY_US = ['Host', 'X-Forwarded-User', 'X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'X-Request-Id', 'Content-Length', 'Transfer-Encoding', 'Trailer']
const FORBIDDEN = /^(?:AUTHORIZATION|PROXY_.*|COOKIE2?|CONNECTION|KEEP_ALIVE|TE|UPGRADE|HTTP2_SETTINGS|FORWARDED|X_FORWARDED.*|REMOTE_.*|X_REMOTE_.*|X_AUTH_.*|X_WEBAUTH_.*|X_REAL_IP|X_ORIGINAL_.*|X_REWRITE_.*|X_HTTP_METHOD.*|X?_?REQUEST_ID|HOST|CONTENT_LENGTH|TRANSFER_ENCODING|EXPECT)$/

/** What is wrong with a request that goes to the upstream. Knows nothing of how the gateway works. */
function wrongTarget(sent: string, forwarded: string): string | undefined {
  const judged = canonicalPath(sent)
  const [path = '', ...query] = forwarded.split('?')
  if (judged === undefined) return 'was never judged'
  if (decodeURIComponent(path) !== judged) return `is not ${judged}`
  if (canonicalPath(forwarded) !== judged) return 'is judged otherwise'
  if (!/^(?:\/|[\w.~!$&'()*+,;=:@-]|%[\dA-F]{2})*$/.test(path)) return 'has characters that are not pchars'
  if (decodeURIComponent(new URL(`http://host${path}`).pathname) !== judged) return 'means something else to a browser'
  if (!/^[!-~\x80-\xff]*$/.test(forwarded)) return 'cannot be written'
  const text = query.join('?')
  if (text.includes(EVIL)) return 'has credentials'
  const readings = [text, text.replaceAll(';', '&')].map((reading) => new URLSearchParams(reading))
  if (readings.some((params) => params.has('u') || params.has('p'))) return 'has credentials, in some reading'
  return undefined
}

function wrongHeaders(lines: readonly (readonly [string, string])[], user: string | undefined, ownHost: string): string | undefined {
  const seen = new Set<string>()
  for (const [name, value] of lines) {
    if (value.includes(EVIL)) return `${name} came through`
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(value)) return `${name} cannot be written`
    const isOurs = SAID_BY_US.includes(name)
    if (!isOurs && FORBIDDEN.test(cgi(name)) && !(name === 'Connection' && value === 'keep-alive')) return `${name} came through`
    if (isOurs && seen.has(name)) return `${name} is there twice`
    seen.add(name)
  }
  const found = (wanted: string) => lines.find(([name]) => name === wanted)?.[1]
  if (found('Host') !== ownHost) return 'the host is not the upstream’s'
  if (seen.has('Content-Length') && seen.has('Transfer-Encoding')) return 'two lengths'
  const named = found('X-Forwarded-User')
  if ((named === undefined ? '' : decodeURIComponent(named)) !== (user ?? '')) return 'the user is another'
  return undefined
}

const pairsOf = (flat: readonly string[]) => flat.flatMap((name, i) => (i % 2 ? [] : [[name, flat[i + 1] as string] as const]))

test('100,000 requests: judged is what is forwarded, nothing forbidden is', () => {
  let forwardedOnes = 0
  fc.assert(fc.property(method, target, host, headers, framing, userName, fc.boolean(), (verb, url, hosts, lines, frame, user, isTrusted) => {
    const rawHeaders = [...hosts, ...lines, ...frame].flat()
    const sender = { user, requestId: 'ours', address: '192.0.2.1', isTrusted: isTrusted && !rawHeaders.includes(EVIL), isSecure: false }
    const result = forwardedRequest({ method: verb, url, rawHeaders, httpVersion: '1.1' }, sender, OPTIONS)
    if (result instanceof AuthError) {
      expect([400, 405]).toContain(result.status)
      return
    }
    forwardedOnes++
    const wrong = wrongTarget(url, result.target) ?? wrongHeaders(pairsOf(result.headers), user, OPTIONS.host)
    if (wrong) throw new Error(`${result.target} ${wrong}`)
  }), { numRuns: 100_000, seed: 7 })
  // A fair part of them: else little was tried
  expect(forwardedOnes).toBeGreaterThan(10_000)
}, 120_000)

test('thousands of requests over sockets, pipelined: each is answered, in order, and the upstream gets nothing else', async () => {
  const upstream = await startRecordingUpstream({ answer: ({ method: verb, target: url }) => {
    const length = Buffer.byteLength(url, 'latin1')
    return `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${verb === 'HEAD' ? '' : url}`
  } })
  const gateway = await startGateway(upstream.url)
  const sent = new Map<string, string>()
  let next = 0
  let answers = 0

  const request = fc.tuple(method, fc.oneof({ weight: 20, arbitrary: readable }, { weight: 1, arbitrary: target }), host, headers, framing, fc.constantFrom(true, true, true, false)).map(([verb, url, hosts, lines, frame, signsIn]) => ({ verb, url, lines: [...hosts, ...lines, ...frame], signsIn }))
  const bodyOf = (lines: [string, string][]) => {
    const announced = lines.map((line) => line.join(': ').toLowerCase())
    if (announced.some((line) => line.startsWith('transfer-encoding'))) return '5\r\nGET /\r\n0\r\n\r\n'
    return announced.includes('content-length: 5') ? 'GET /' : ''
  }

  await fc.assert(fc.asyncProperty(fc.array(request, { minLength: 6, maxLength: 6 }), async (requests) => {
    const client = await rawClient(gateway.port)
    const bytes = requests.map(({ verb, url, lines, signsIn }) => {
      const id = String(next++)
      sent.set(id, Buffer.from(url, 'latin1').toString('latin1'))
      const own = signsIn ? ANN : ''
      return `${verb} ${url} HTTP/1.1\r\n${own}X-Test-Id: ${id}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${bodyOf(lines)}`
    })
    const closer = next++
    sent.set(String(closer), '/last')
    client.send(Buffer.from(`${bytes.join('')}GET /last HTTP/1.1\r\nHost: me\r\n${ANN}X-Test-Id: ${closer}\r\nConnection: close\r\n\r\n`, 'latin1'))
    // Every one is answered, up to the first after which the connection cannot go on
    for (const { verb, url } of [...requests, { verb: 'GET', url: '/last' }]) {
      const answer = await client.answer(verb).catch(() => undefined)
      if (answer === undefined) break
      expect([200, 400, 401, 405]).toContain(answer.status)
      if (answer.status === 200 && verb !== 'HEAD') expect(canonicalPath(answer.body)).toBe(canonicalPath(Buffer.from(url, 'latin1').toString('latin1')))
      answers++
      if (answer.headers.connection === 'close') break
    }
    await client.ended()
    client.close()
  }), { numRuns: 1_800, seed: 8 })

  // A fair part of them: else little was tried
  expect([answers > 4_000, upstream.requests.length > 1_400, answers, upstream.requests.length]).toEqual([true, true, answers, upstream.requests.length])
  const arrived = new Set<string>()
  for (const { target: url, headers: lines, body } of upstream.requests) {
    const id = lines.find(([name]) => name === 'X-Test-Id')?.[1] ?? ''
    expect(arrived.has(id)).toBe(false)
    arrived.add(id)
    expect([id, wrongTarget(sent.get(id) ?? '', url), wrongHeaders(lines, 'ann', `127.0.0.1:${upstream.port}`)]).toEqual([id, undefined, undefined])
    expect(gateway.judged.get(id)).toEqual([decodeURIComponent(url.split('?')[0] as string)])
    expect(['', 'GET /']).toContain(body)
  }
  expect(/.{0,80}(?:EVIL|[Aa]uthorization).{0,80}/.exec(upstream.received())?.[0]).toBeUndefined()
  expect(gateway.failures).toEqual([])
  expect(gateway.warnings).toEqual([])
  await gateway.close()
  await upstream.close()
}, 120_000)

test('any bytes at all: answered or cut off, and the gateway goes on', async () => {
  const upstream = await startRecordingUpstream()
  const gateway = await startGateway(upstream.url)
  const piece = fc.constantFrom('GET ', 'POST ', '/tasks', '/', ' HTTP/1.1', ' HTTP/1.0', '\r\n', '\r\n\r\n', '\n', '\r', 'Host: me', ANN.trimEnd(), 'Content-Length: 3', 'Transfer-Encoding: chunked', 'Expect: 100-continue',
    'Upgrade: h2c', 'Connection: upgrade', 'Connection: close', ': ', '0', '3', 'abc', '\0', '\xff', '%2e', 'X: y', '#', '?')
  const bytes = fc.oneof(fc.array(piece, { maxLength: 20 }).map((pieces) => Buffer.from(pieces.join(''), 'latin1')), fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)))
  await fc.assert(fc.asyncProperty(bytes, async (junk) => {
    const client = await rawClient(gateway.port)
    client.socket.end(junk)
    await client.ended()
    client.close()
  }), { numRuns: 1_000, seed: 9 })
  const client = await rawClient(gateway.port)
  client.send(`GET /still HTTP/1.1\r\nHost: me\r\n${ANN}\r\n`)
  expect((await client.answer()).status).toBe(204)
  client.close()
  for (const { target: url } of upstream.requests) expect(canonicalPath(url)).toBeDefined()
  expect(upstream.received()).not.toMatch(/authorization/i)
  expect(gateway.failures).toEqual([])
  await gateway.close()
  await upstream.close()
}, 120_000)
