import { afterAll, beforeAll, expect, test } from 'vitest'
import { refuseConnect } from '../../src/server/refuse-connect.js'
import { rawClient } from '../gateway/raw-client.js'
import { startServer, type TestServer } from '../support/servers.js'

let server: TestServer
let asked = 0
beforeAll(async () => {
  server = await startServer((_req, res) => {
    asked++
    res.end()
  })
  refuseConnect(server.server)
})
afterAll(() => server.close())

test.each([
  // says            request line                  headers                                        status
  ['CONNECT',        'CONNECT me:80 HTTP/1.1',     '',                                            405],
  ['h2c',            'GET / HTTP/1.1',             'Connection: Upgrade\r\nUpgrade: h2c\r\n',      400],
  ['a websocket',    'GET / HTTP/1.1',             'Connection: upgrade\r\nUpgrade: websocket\r\n', 400],
])('%s is refused by the server itself, and what comes behind it goes nowhere', async (_says, line, headers, status) => {
  const client = await rawClient(server.port)
  client.send(`${line}\r\nHost: me\r\n${headers}\r\nGET /behind HTTP/1.1\r\nHost: me\r\n\r\n`)
  const answer = await client.answer()
  expect(answer.status).toBe(status)
  expect(Object.keys(JSON.parse(answer.body))).toEqual(['error'])
  expect(await client.ended()).toEqual({ rest: '', error: undefined })
  expect(asked).toBe(0)
})

test('a client that resets the connection meanwhile does no harm', async () => {
  const client = await rawClient(server.port)
  client.send('CONNECT me:80 HTTP/1.1\r\nHost: me\r\n\r\n')
  client.socket.resetAndDestroy()
  await client.ended()
  const next = await rawClient(server.port)
  next.send('GET / HTTP/1.1\r\nHost: me\r\n\r\n')
  expect((await next.answer()).status).toBe(200)
  next.close()
})
