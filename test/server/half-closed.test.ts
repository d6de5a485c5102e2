import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type Listening, listen } from '../../src/server/listen.js'
import { keptTime } from '../support/kept-time.js'

const open: Listening[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close(0)))
})

async function start(handle: RequestListener, halfClosedTimeout = 20_000): Promise<Socket> {
  const listening = await listen(handle, { address: '127.0.0.1:0', option: '[http] bind-address', limits: { halfClosedTimeout } })
  open.push(listening)
  return connect({ port: Number(new URL(listening.url).port), host: '127.0.0.1', allowHalfOpen: true })
}

async function received(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('latin1').on('data', (data) => { text += data }).on('error', () => {})
  if (!socket.closed) await Promise.race([once(socket, 'end'), new Promise((resolve) => socket.once('close', resolve))])
  socket.destroy()
  return text
}

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
const POST = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello'
/** Answers when it has seen that the client has ended its side. */
const later: RequestListener = async (req, res) => {
  req.resume()
  if (!req.socket.readableEnded) await once(req.socket, 'end')
  res.end('at last')
}

describe('D6: a client that has ended its side of the connection', () => {
  test.each([
    // says                                  bytes                            answers
    ['gets its answer',                      GET,                             1],
    ['gets it after a body, too',            POST,                            1],
    ['gets those of all pipelined requests', GET + POST + GET,                3],
  ])('%s', async (_says, bytes, answers) => {
    const socket = await start(later)
    socket.end(bytes)
    const text = await received(socket)
    expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(answers)
    expect(text.match(/at last/g)).toHaveLength(answers)
  })

  test('gets no answer to half a request', async () => {
    let asked = 0
    const socket = await start(() => { asked++ })
    socket.end('GET / HTTP/1.1\r\nHo')
    expect(await received(socket)).not.toContain('200 OK')
    expect(asked).toBe(0)
  })

  test.each([
    ['nothing is sent to it for a while: it has given up', ''],
    ['nothing more is',                                    'piece'],
  ])('is cut off once %s', async (_says, piece) => {
    let onClose = () => {}
    const closed = new Promise<void>((resolve) => { onClose = resolve })
    const socket = await start(async (req, res) => {
      res.once('close', onClose)
      if (!req.socket.readableEnded) await once(req.socket, 'end')
      if (piece) res.write(piece)
    }, 50)
    socket.end(GET)
    expect(await received(socket)).toMatch(piece ? /piece/ : /^$/)
    await closed
  })

  test('is left alone while its answer goes on', () => keptTime(200, async (limit) => {
    const socket = await start((_req, res) => {
      let pieces = 0
      const timer = setInterval(() => {
        res.write('piece')
        if (++pieces < 30) return
        clearInterval(timer)
        res.end('end')
      }, limit / 10)
    }, limit)
    socket.end(GET)
    const text = await received(socket)
    expect(text.match(/piece/g)).toHaveLength(30)
    expect(text).toContain('end')
  }))
})
