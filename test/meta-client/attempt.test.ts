import nock from 'nock'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createAttempt } from '../../src/meta-client/wire/attempt.js'
import { rejection } from './rejection.js'
import { testClient } from './wire.js'

beforeAll(() => nock.disableNetConnect())
afterEach(() => nock.cleanAll())
afterAll(() => nock.restore())

const [A, B] = ['meta-a:8091', 'meta-b:8091'] as const
const LISTED = [A, B, '[::1]:8091', '10.0.0.9:80']
const USERS = { users: [{ name: 'a&b', hash: '' }] }
const options = { addresses: LISTED, credentials: { kind: 'basic', username: 'gate', password: 'secret' } } as const

/** `node` answers once with a 307. */
const redirect = (node: string, location: string, status = 307) => nock(`http://${node}`).get(/.*/).reply(status, undefined, { location })

test.each<[string, string, string]>([
  // says                                   Location                                asked in the end
  ['another node',                          `http://${B}/user?name=a%26b`,          B],
  ['the same node',                         `http://${A}/user?name=a%26b`,          A],
  ['a node in capitals',                    'http://META-B:8091/user?name=a%26b',   B],
  ['an IPv6 address, written at length',    'http://[0:0:0:0:0:0:0:1]:8091/',       '[::1]:8091'],
  ['a default port, left out',              'http://10.0.0.9/user',                 '10.0.0.9:80'],
  ['another path and query: ours are kept', `http://${B}/role?name=other`,          B],
  ['no path',                               `http://${B}`,                          B],
])('307 is followed to %s', async (_says, location, node) => {
  redirect(A, location)
  let authorization: unknown
  nock(`http://${node}`).get('/user?name=a%26b').reply(function () {
    authorization = this.req.headers.authorization
    return [200, USERS]
  })
  expect(await testClient(options).client.user('a&b')).toMatchObject({ name: 'a&b' })
  expect(authorization).toBe(`Basic ${Buffer.from('gate:secret').toString('base64')}`)
})

test.each<[string, number, string | undefined, string]>([
  // says                           status  Location                             reason
  ['an unlisted node',              307,    'http://evil:8091/user',             'redirect to an unlisted node'],
  ['a listed host, other port',     307,    'http://meta-b:8092/user',           'redirect to an unlisted node'],
  ['a listed host, default port',   307,    'http://meta-b/user',                'redirect to an unlisted node'],
  ['a listed name as a subdomain',  307,    'http://meta-b.evil:8091/user',      'redirect to an unlisted node'],
  ['a listed name as a user',       307,    `http://${B}@evil:8091/user`,        'redirect without a usable Location'],
  ['credentials of its own',        307,    'http://x:y@meta-b:8091/user',       'redirect without a usable Location'],
  ['https',                         307,    `https://${B}/user`,                 'redirect to an unlisted node'],
  ['another scheme',                307,    `ftp://${B}/user`,                   'redirect to an unlisted node'],
  ['a file',                        307,    'file:///etc/passwd',                'redirect to an unlisted node'],
  ['a path alone',                  307,    '/user?name=ann',                    'redirect without a usable Location'],
  ['no scheme',                     307,    `//${B}/user`,                       'redirect without a usable Location'],
  ['a host alone',                  307,    'meta-b',                            'redirect without a usable Location'],
  ['nonsense',                      307,    'http://[/',                         'redirect without a usable Location'],
  ['nothing',                       307,    '',                                  'redirect without a usable Location'],
  ['nowhere',                       307,    undefined,                           'redirect without a usable Location'],
  ['301',                           301,    `http://${B}/user`,                  'HTTP 301'],
  ['302',                           302,    `http://${B}/user`,                  'HTTP 302'],
  ['303',                           303,    `http://${B}/user`,                  'HTTP 303'],
  ['308',                           308,    `http://${B}/user`,                  'HTTP 308'],
  ['300',                           300,    `http://${B}/user`,                  'HTTP 300'],
])('no redirect is followed to %s', async (_says, status, location, reason) => {
  nock(`http://${A}`).get(/.*/).reply(status, undefined, location === undefined ? {} : { location })
  const others = ['http://evil:8091', 'http://meta-b:8092', 'http://meta-b', 'http://meta-b.evil:8091', `http://${B}`, `https://${B}`].map((origin) => nock(origin).get(/.*/).reply(200, USERS))
  const { client, events } = testClient(options)
  expect(await rejection(client.user('a&b'))).toMatchObject({ code: 'ERR_META_INVALID', status: 503 })
  expect(others.filter((scope) => scope.isDone())).toEqual([])
  expect(events).toEqual([{ event: 'answer-refused', node: `http://${A}`, path: '/user', reason }])
})

test.each([
  // redirects  expected
  [0,           true],
  [1,           true],
  [3,           true],
  [4,           false],
])('%i redirects are followed: %s', async (redirects, expected) => {
  for (let i = 0; i < redirects; i++) redirect(i % 2 ? B : A, `http://${i % 2 ? A : B}/`)
  nock(`http://${redirects % 2 ? B : A}`).get(/.*/).reply(200, USERS)
  const { client, events } = testClient({ ...options, addresses: [A, B] })
  const found = client.user('a&b')
  if (expected) return expect(await found).toMatchObject({ name: 'a&b' })
  expect(await rejection(found)).toMatchObject({ code: 'ERR_META_INVALID' })
  expect(events).toMatchObject([{ reason: 'too many redirects' }])
})

test('two nodes that name each other leader are asked four times in all', async () => {
  let asked = 0
  for (const [node, other] of [[A, B], [B, A]]) {
    nock(`http://${node}`).persist().get(/.*/).reply(() => {
      asked++
      return [307, undefined, { location: `http://${other}/` }]
    })
  }
  expect(await rejection(testClient({ ...options, addresses: [A, B] }).client.roles())).toMatchObject({ code: 'ERR_META_INVALID' })
  expect(asked).toBe(4)
})

test('a leader that does not answer is a failed try, and the operator reads its name', async () => {
  redirect(A, `http://${B}/`)
  nock(`http://${B}`).get(/.*/).times(2).reply(500)
  nock(`http://${A}`).get(/.*/).reply(200, {})
  const { client, events } = testClient({ ...options, addresses: [A, B] })
  expect(await client.roles()).toEqual([])
  expect(events).toEqual([1, 2].map(() => ({ event: 'attempt-failed', node: `http://${B}`, path: '/role', code: 'HTTP 500' })))
})

test('a leader that answered is asked first from then on', async () => {
  redirect(A, `http://${B}/`)
  nock(`http://${B}`).get(/.*/).times(2).reply(200, {})
  const { client } = testClient({ ...options, addresses: [A, B] })
  await client.roles()
  await client.roles()
  expect(nock.isDone()).toBe(true)
})

test('redirects and the body share the time of one try', async () => {
  let time = 0
  const lefts: number[] = []
  const attempt = createAttempt({
    nodes: ['http://a', 'http://b'],
    authorization: async () => undefined,
    clock: () => time,
    get: async (_url, _authorization, left) => {
      lefts.push(left)
      time += 900
      return { status: 307, location: lefts.length % 2 ? 'http://b' : 'http://a', body: new Uint8Array() }
    },
  })
  expect(await attempt('http://a', '/role', 2000, new AbortController().signal)).toEqual({ node: 'http://b', failure: 'ETIMEDOUT' })
  expect(lefts).toEqual([2000, 1100, 200])
})
