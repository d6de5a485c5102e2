import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { jwtVerify } from 'jose'
import nock from 'nock'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createMetaClient, type MetaClient, type MetaClientOptions } from '../../src/meta-client/client.js'
import { rejection } from './rejection.js'
import { answer, NODE, testClient } from './wire.js'

beforeAll(() => nock.disableNetConnect())
afterEach(() => nock.cleanAll())
afterAll(() => nock.restore())

/** Answers the next question, and tells what was sent. */
function listen(): { sent: Promise<{ url: string; headers: Record<string, string> }> } {
  return {
    sent: new Promise((resolve) => {
      nock(`http://${NODE}`).get(/.*/).reply(function (url) {
        resolve({ url, headers: { ...this.req.headers } as unknown as Record<string, string> })
        return [200, {}]
      })
    }),
  }
}

const VERSION = JSON.parse(readFileSync('package.json', 'utf8')).version

test('sends what is needed, and nothing else', async () => {
  const { sent } = listen()
  await testClient().client.roles()
  const { url, headers: { connection: _, ...headers } } = await sent // nock's own; see get.test.ts
  expect(url).toBe('/role')
  expect(headers).toEqual({ accept: 'application/json', host: NODE, 'user-agent': `kapacitor-auth/${VERSION}` })
})

test.each<[string, (client: MetaClient) => Promise<unknown>, string]>([
  // says                     question                                 sent
  ['a user',                  (c) => c.user('ann'),                    '/user?name=ann'],
  ['&',                       (c) => c.user('a&b=c'),                  '/user?name=a%26b%3Dc'],
  ['%',                       (c) => c.user('100%'),                   '/user?name=100%25'],
  ['what looks encoded',      (c) => c.user('a%26b'),                  '/user?name=a%2526b'],
  ['+ and a space',           (c) => c.user('a+b c'),                  '/user?name=a%2Bb%20c'],
  ['#',                       (c) => c.user('a#b'),                    '/user?name=a%23b'],
  ['?',                       (c) => c.user('a?b'),                    '/user?name=a%3Fb'],
  ['dots and slashes',        (c) => c.user('../role'),                '/user?name=..%2Frole'],
  ['backslashes',             (c) => c.user('..\\role'),               '/user?name=..%5Crole'],
  ['@ and :',                 (c) => c.user('@evil:80'),               '/user?name=%40evil%3A80'],
  ['line ends',               (c) => c.user('a\r\nHost: evil'),        '/user?name=a%0D%0AHost%3A%20evil'],
  ['NUL',                     (c) => c.user('a\0b'),                   '/user?name=a%00b'],
  ['emoji',                   (c) => c.user('😀'),                     '/user?name=%F0%9F%98%80'],
  ['combining characters',    (c) => c.user('e\u0301'),                '/user?name=e%CC%81'],
  ['a property of objects',   (c) => c.user('__proto__'),              '/user?name=__proto__'],
  ['a password',              (c) => c.authorized('ann', 'pw'),        '/authorized?name=ann&password=pw&permission=NoPermissions&resource=_'],
  ['a password with &',       (c) => c.authorized('a&b', 'p&name=x%'), '/authorized?name=a%26b&password=p%26name%3Dx%25&permission=NoPermissions&resource=_'],
])('%s is encoded', async (_says, question, url) => {
  const { sent } = listen()
  await question(testClient().client)
  expect((await sent).url).toBe(url)
})

test.each<[string, (client: MetaClient) => Promise<unknown>, unknown]>([
  ['an empty name',                     (c) => c.user(''),                    undefined],
  ['a name that has no UTF-8',          (c) => c.user('a\ud800'),             undefined],
  ['an empty name with a password',     (c) => c.authorized('', 'pw'),        false],
  ['an empty password',                 (c) => c.authorized('ann', ''),       false],
  ['a password that has no UTF-8',      (c) => c.authorized('ann', '\udc00'), false],
])('%s is a no without a question', async (_says, question, expected) => {
  const scope = nock(`http://${NODE}`).get(/.*/).reply(200, {})
  expect(await question(testClient().client)).toBe(expected)
  expect(scope.isDone()).toBe(false)
})

describe('credentials', () => {
  test('Basic, in UTF-8', async () => {
    const { sent } = listen()
    await testClient({ credentials: { kind: 'basic', username: 'gate', password: 'pä:ß' } }).client.roles()
    expect((await sent).headers.authorization).toBe(`Basic ${Buffer.from('gate:pä:ß').toString('base64')}`)
  })

  test('a token of a node', async () => {
    const { sent } = listen()
    await testClient({ credentials: { kind: 'node', secret: 'among nodes' } }).client.roles()
    const [scheme, token] = (await sent).headers.authorization?.split(' ') ?? []
    expect(scheme).toBe('Bearer')
    expect((await jwtVerify(token ?? '', Buffer.from('among nodes'), { algorithms: ['HS512'] })).payload.username).toBe('')
  })
})

describe('with a polluted Object.prototype', () => {
  const prototype = Object.prototype as unknown as Record<string, unknown>
  const pollute = (pollution: Record<string, unknown>) => void Object.assign(prototype, pollution)
  const clean = () => { for (const key of ['username', 'password', 'users']) delete prototype[key] }
  afterEach(clean)
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  const EVIL = { username: 'evil', password: 'evil' }

  test.each([
    ['before the client is made',  EVIL, EVIL],
    ['before the question',        {},   EVIL],
    ['while the client is made',   EVIL, {}],
  ])('%s, no Basic header is sent', async (_says, early, late) => {
    pollute(early)
    const { client } = testClient()
    clean()
    pollute(late)
    const { sent } = listen()
    await client.roles()
    clean()
    expect((await sent).headers.authorization).toBeUndefined()
  })

  test('our own credentials are sent', async () => {
    const { client } = testClient({ credentials: { kind: 'basic', username: 'gate', password: 'pw' } })
    pollute(EVIL)
    const { sent } = listen()
    await client.roles()
    clean()
    expect((await sent).headers.authorization).toBe(basic('gate:pw'))
  })

  test('an answer says what it says itself', async () => {
    answer({ body: {} })
    const { client } = testClient()
    pollute({ users: [{ name: 'ann', hash: '' }] })
    const user = await client.user('ann')
    clean()
    expect(user).toBeUndefined()
  })

  test('the trap springs: got with plain options sends it', async () => {
    const { got } = await import('got')
    const { sent } = listen()
    pollute(EVIL)
    await got(`http://${NODE}/role`, { retry: { limit: 0 } })
    clean()
    expect((await sent).headers.authorization).toBe(basic('evil:evil'))
  })
})

describe('no secret leaves it', () => {
  const PASSWORD = 'correct-horse'
  const credentials = { kind: 'basic', username: 'gate', password: 'gate-secret' } as const
  const SECRETS = [PASSWORD, encodeURIComponent(PASSWORD), 'gate-secret', Buffer.from('gate:gate-secret').toString('base64'), 'password=']

  test.each<[string, () => void]>([
    ['a network error that quotes the URL', () => void nock(`http://${NODE}`).persist().get(/.*/).replyWithError(Object.assign(new Error(`no ${PASSWORD}`), { code: `E ${PASSWORD}` }))],
    ['a refused connection',                () => undefined],
    ['500',                                 () => void nock(`http://${NODE}`).persist().get(/.*/).reply(500, (uri) => ({ error: uri }))],
    ['302',                                 () => void nock(`http://${NODE}`).get(/.*/).reply(302, undefined, { location: `http://evil/?password=${PASSWORD}` })],
    ['307',                                 () => void nock(`http://${NODE}`).get(/.*/).reply(307, undefined, { location: `http://evil/?password=${PASSWORD}` })],
    ['400 that quotes the URL',             () => void nock(`http://${NODE}`).get(/.*/).reply(400, (uri) => ({ error: uri }))],
    ['401 in text that quotes the URL',     () => void nock(`http://${NODE}`).get(/.*/).reply(401, (uri) => uri)],
    ['200 with an error',                   () => void nock(`http://${NODE}`).get(/.*/).reply(200, `{"error":"${PASSWORD}"}`)],
  ])('%s', async (_says, prepare) => {
    prepare()
    const { client, events } = testClient({ credentials })
    const error = await rejection(client.authorized('ann', PASSWORD))
    const told = inspect([error, events], { depth: 20, showHidden: true }) + error?.stack + JSON.stringify(error)
    expect(error?.status).toBe(503)
    expect(error?.message).toMatch(/^meta node (unavailable|gave an invalid answer)$/)
    expect(error?.message).not.toContain('10.0.0.1')
    for (const secret of SECRETS) expect(told).not.toContain(secret)
  })

  test('the cause tells the operator what happened', async () => {
    nock(`http://${NODE}`).persist().get(/.*/).replyWithError(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }))
    const error = await rejection(testClient().client.authorized('ann', PASSWORD))
    expect(error?.cause).toEqual(new Error('/authorized: http://10.0.0.1:8091 ECONNREFUSED'))
  })
})

test.each<[string, Partial<MetaClientOptions>, string]>([
  // says                        options                                                          message
  ['no address',                 { addresses: [] },                                               'addresses must hold'],
  ['no port',                    { addresses: ['meta'] },                                         'addresses must each'],
  ['a URL',                      { addresses: ['http://meta:8091'] },                             'addresses must each'],
  ['one bad among good ones',    { addresses: [NODE, 'a b:1'] },                                  'addresses must each'],
  ['no time',                    { timeout: 0 },                                                  'timeout must be'],
  ['negative time',              { timeout: -1 },                                                 'timeout must be'],
  ['endless time',               { timeout: Number.POSITIVE_INFINITY },                           'timeout must be'],
  ['no number for a time',       { timeout: Number.NaN },                                         'timeout must be'],
  ['no time for a try',          { attemptTimeout: 0 },                                           'attemptTimeout must be'],
  ['no room for an answer',      { maxAnswerBytes: 0 },                                           'maxAnswerBytes must be'],
  ['a nameless user',            { credentials: { kind: 'basic', username: '', password: 'x' } }, 'credentials.username'],
  ['a colon in the name',        { credentials: { kind: 'basic', username: 'a:b', password: '' } }, 'credentials.username'],
  ['an empty secret',            { credentials: { kind: 'node', secret: '' } },                   'secret must not be empty'],
])('options are checked at once: %s', (_says, options, message) => {
  expect(() => createMetaClient({ addresses: [NODE], ...options })).toThrow(TypeError)
  expect(() => createMetaClient({ addresses: [NODE], ...options })).toThrow(message)
})

test('after close there are no answers', async () => {
  const { client } = testClient()
  client.close()
  client.close()
  const scope = nock(`http://${NODE}`).get(/.*/).reply(200, {})
  expect(await rejection(client.user('ann'))).toMatchObject({ code: 'ERR_META_UNAVAILABLE', cause: new Error('meta client is closed') })
  expect(scope.isDone()).toBe(false)
})
