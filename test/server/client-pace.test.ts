import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { readBody } from '../../src/middleware/read-body.js'
import { type Listening, listen } from '../../src/server/listen.js'
import { nodeLimits, withDefaults } from '../../src/server/server-limits.js'
import { type RawClient, rawClient } from '../gateway/raw-client.js'
import { type Certificates, makeCertificates } from '../support/certificates.js'
import { keptTime } from '../support/kept-time.js'
import { until } from '../support/until.js'

let certificates: Certificates
beforeAll(async () => {
  certificates = await makeCertificates()
})

const open: Listening[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close(0)))
})

async function start(handle: RequestListener, bodyTimeout: number, isSecure = false): Promise<number> {
  const options = { address: '127.0.0.1:0', option: '[http] bind-address', limits: { bodyTimeout } }
  const listening = await (isSecure ? withFiles((tls) => listen(handle, { ...options, tls, watch: false })) : listen(handle, options))
  open.push(listening)
  return Number(new URL(listening.url).port)
}

async function withFiles<T>(use: (tls: { certificate: string; key: string }) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'pace-'))
  const [certificate, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
  writeFileSync(certificate, certificates.server.cert)
  writeFileSync(key, certificates.server.key)
  try {
    return await use({ certificate, key })
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const echo: RequestListener = async (req, res) => {
  try {
    const body = await readBody(req)
    res.end(body)
  } catch {
    res.end()
  }
}
const drop: RequestListener = (req, res) => {
  req.resume().once('end', () => res.end('dropped'))
}
const later: RequestListener = async (req, res) => {
  await timeouts(req, 2)
  echo(req, res)
}
const POST = 'POST / HTTP/1.1\r\nHost: x\r\n'

/** Resolves once nothing has happened on the connection for the time limit, so many times. */
async function timeouts({ socket }: IncomingMessage, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await once(socket, 'timeout')
}

describe('a client that holds back its body gets 408, and the connection ends', () => {
  test.each([
    // says                           handler  bytes
    ['nothing of it',                 echo,    'Content-Length: 10\r\n\r\n'],
    ['all but the end',               echo,    'Content-Length: 10\r\n\r\n123456789'],
    ['no last chunk',                 echo,    'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
    ['half a chunk’s size',           echo,    'Transfer-Encoding: chunked\r\n\r\n5'],
    ['half the trailers',             echo,    'Transfer-Encoding: chunked\r\n\r\n0\r\nX: '],
    ['a body that is read and dropped', drop,  'Content-Length: 10\r\n\r\n12345'],
    ['a body that is read only later', later,  'Content-Length: 10\r\n\r\n'],
    ['after 100 Continue',            echo,    'Expect: 100-continue\r\nContent-Length: 10\r\n\r\n'],
  ])('%s', async (_says, handle, bytes) => {
    const client = await rawClient(await start(handle, 150))
    client.send(POST + bytes)
    let answer = await client.answer()
    if (answer.status === 100) answer = await client.answer()
    expect([answer.status, answer.headers.connection]).toEqual([408, 'close'])
    expect(JSON.parse(answer.body)).toEqual({ error: 'request body not received in time' })
    expect(await client.ended()).toEqual({ rest: '', error: undefined })
  })

  test('in the second request of a connection, too', async () => {
    const client = await rawClient(await start(echo, 150))
    client.send(`${POST}Content-Length: 2\r\n\r\nok`)
    expect((await client.answer()).body).toBe('ok')
    client.send(`${POST}Content-Length: 2\r\n\r\no`)
    expect((await client.answer()).status).toBe(408)
    await client.ended()
  })

  test('over TLS', async () => {
    const port = await start(echo, 150, true)
    const socket = connectTls({ port, host: '127.0.0.1', ca: certificates.ca })
    socket.write(`${POST}Content-Length: 10\r\n\r\n12345`)
    expect(await allOf(socket)).toContain('HTTP/1.1 408 Request Timeout')
  })

  test('where the answer has begun it is cut off', async () => {
    const client = await rawClient(await start((req, res) => {
      res.write('the beginning')
      req.resume()
    }, 150))
    client.send(`${POST}Content-Length: 10\r\n\r\n12345`)
    const answer = await client.answer('POST')
    expect([answer.status, answer.whole]).toEqual([200, false])
  })
})

describe('left alone is', () => {
  test('a body that comes slowly, but comes', () => keptTime(200, async (limit) => {
    const client = await rawClient(await start(echo, limit))
    client.send(`${POST}Content-Length: 10\r\n\r\n`)
    for (let i = 0; i < 10; i++) {
      await sleep(limit / 4)
      client.send(String(i))
    }
    expect((await client.answer()).body).toBe('0123456789')
    client.close()
  }))

  test('a client that waits for its answer', async () => {
    const client = await rawClient(await start(async (req, res) => {
      await timeouts(req, 3)
      res.end('at last')
    }, 20))
    client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    expect((await client.answer()).body).toBe('at last')
    client.close()
  })

  test('a client whose body nobody reads yet', async () => {
    let client: RawClient | undefined
    client = await rawClient(await start(async (req, res) => {
      await timeouts(req, 3)
      client?.send('hello')
      await timeouts(req, 3)
      echo(req, res)
    }, 20))
    client.send(`${POST}Content-Length: 5\r\n\r\n`)
    expect((await client.answer()).body).toBe('hello')
    client.close()
  })

  test('a client whose body is read with pauses', async () => {
    let client: RawClient | undefined
    client = await rawClient(await start(async (req, res) => {
      let text = ''
      for await (const chunk of req) {
        text += chunk
        if (text !== 'a') continue
        client?.send('b')
        await until(() => req.readableLength === 1)
        for (let i = 0; i < 3; i++) {
          req.socket.emit('timeout') // as if nothing had come for a minute
          await new Promise(setImmediate)
        }
        client?.send('c')
        await until(() => req.readableLength === 2)
      }
      res.end(text)
    }, 60_000))
    client.send(`${POST}Content-Length: 3\r\n\r\na`)
    expect((await client.answer()).body).toBe('abc')
    client.close()
  })

  test('an answer with pauses', async () => {
    const client = await rawClient(await start(async (req, res) => {
      for (let i = 0; i < 3; i++) {
        res.write(String(i))
        await timeouts(req, 2)
      }
      res.end()
    }, 20))
    client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    expect((await client.answer()).body).toBe('012')
    client.close()
  })
})

describe('a client that takes nothing of its answer is cut off', () => {
  const BIG = Buffer.alloc(64 * 1024 * 1024)

  test.each([
    ['in one piece',    false, (res: ServerResponse) => void res.end(BIG)],
    ['piece by piece',  false, (res: ServerResponse) => stream(res)],
    ['over TLS',        true,  (res: ServerResponse) => stream(res)],
  ])('%s', async (_says, isSecure, answer) => {
    let onClose = () => {}
    const closed = new Promise<void>((resolve) => { onClose = resolve })
    const port = await start((_req, res) => {
      res.once('close', onClose)
      answer(res)
    }, 300, isSecure)
    const socket = isSecure ? connectTls({ port, host: '127.0.0.1', ca: certificates.ca }) : connect(port, '127.0.0.1')
    await once(socket, isSecure ? 'secureConnect' : 'connect')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    socket.pause()
    await closed
    expect((await allOf(socket)).length).toBeLessThan(BIG.length)
  })

  test('but not one that takes it slowly', () => keptTime(300, async (limit) => {
    const port = await start((_req, res) => void res.end(BIG), limit)
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    const begun = performance.now()
    let length = 0
    socket.on('data', (data) => {
      length += data.length
      if (performance.now() - begun > 3 * limit) return
      socket.pause()
      setTimeout(() => socket.resume(), 1)
    })
    await once(socket, 'close')
    expect(length).toBeGreaterThan(BIG.length)
  }))

  function stream(res: ServerResponse): void {
    const piece = BIG.subarray(0, 65_536)
    const go = () => {
      while (!res.destroyed && res.write(piece)) { /* until it is full */ }
    }
    res.on('drain', go)
    go()
  }
})

test('a lively upload may take any time: Node would end it after five minutes', () => {
  expect(nodeLimits(withDefaults({})).requestTimeout).toBe(0)
})

/** What still comes in until the connection ends. */
async function allOf(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (data) => { text += data.toString('latin1') })
  socket.on('error', () => {})
  socket.resume()
  if (!socket.closed) await once(socket, 'close')
  return text
}
