import { request } from 'node:http'
import Koa from 'koa'
import { afterEach, expect, test } from 'vitest'
import { requestId } from '../../src/middleware/request-id.js'
import { startServer, type TestServer } from '../support/servers.js'

const FRESH = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/

let server: TestServer | undefined
afterEach(() => server?.close())

async function start(trustedProxies: string[]): Promise<TestServer> {
  const app = new Koa()
  app.use(requestId({ trustedProxies }))
  app.use((ctx) => { ctx.body = ctx.state.requestId })
  server = await startServer(app.callback())
  return server
}

/** The ids that the application and the client are told, which must be the same. */
function idOf({ port }: TestServer, headers: Record<string, string | string[]> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', headers }, async (answer) => {
      let body = ''
      for await (const chunk of answer) body += chunk
      if (answer.headers['x-request-id'] === body) resolve(body)
      else reject(new Error(`${answer.headers['x-request-id']} is not ${body}`))
    })
    asked.on('error', reject).end()
  })
}

test.each<[string, string | string[]]>([
  // says                       id
  ['a UUID',                    '0190d1f0-0000-7000-8000-000000000000'],
  ['one character',             'a'],
  ['64',                        'a'.repeat(64)],
  ['every character there is',  'AZaz09._-'],
])('a trusted proxy’s id is kept: %s', async (_says, id) => {
  expect(await idOf(await start(['127.0.0.1']), { 'x-request-id': id })).toBe(id)
})

test.each<[string, string | string[]]>([
  // says                       id
  ['nothing',                   ''],
  ['65 characters',             'a'.repeat(65)],
  ['a space',                   'a b'],
  ['a quote',                   'a"b'],
  ['a slash',                   'a/b'],
  ['markup',                    '<b>'],
  ['another alphabet',          '\xe9'],
  ['a tab',                     'a\tb'],
  ['two',                       ['a', 'b']],
  ['two in one',                'a, b'],
])('but it is a fresh one instead of %s', async (_says, id) => {
  expect(await idOf(await start(['127.0.0.1']), { 'x-request-id': id })).toMatch(FRESH)
})

test('from anybody else it is a fresh one, whatever they send', async () => {
  const server = await start(['10.0.0.0/8'])
  const ids = [await idOf(server), await idOf(server), await idOf(server, { 'x-request-id': 'mine' }), await idOf(server, { 'x-request-id': 'mine' })]
  for (const id of ids) expect(id).toMatch(FRESH)
  expect(new Set(ids).size).toBe(4)
})

test('a trusted proxy that sends none gets a fresh one', async () => {
  expect(await idOf(await start(['127.0.0.1']))).toMatch(FRESH)
})
