// Bodies of any length go through in constant memory: bytes are counted, no time is taken.
import { createHash } from 'node:crypto'
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { heldMemory } from '../support/held-memory.js'
import { startServer } from '../support/servers.js'
import { ANN, startGateway } from './gateway.js'

const MB = 2 ** 20
const SIZE = 64 * MB
/** A small part of what is sent; what the kernel holds for four ends of sockets does not count here. */
const MEMORY = 8 * MB
/** How often memory is looked at. */
const LOOK = 16 * MB
/** Sent when one end is slow: more than may be under way, which is the kernel's buffers most of all. */
const LONG = 128 * MB
const UNDER_WAY = 48 * MB

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(handle: (req: IncomingMessage, res: ServerResponse) => void) {
  const upstream = await startServer(handle)
  const gateway = await startGateway(upstream.url)
  closing.push(upstream.close, gateway.close)
  return gateway
}

/** Pieces of no two alike, `size` bytes in all. */
function* pieces(size: number, onPiece: (piece: Buffer) => void = () => {}) {
  const piece = Buffer.alloc(256 * 1024, 'cpu,host=a usage=1 ')
  for (let sent = 0; sent < size; sent += piece.length) {
    const copy = Buffer.from(piece)
    copy.writeUInt32BE(sent / piece.length)
    onPiece(copy)
    yield copy
  }
}

/** Watches how much memory is held above what was held at first. */
function memory() {
  const first = heldMemory()
  let most = 0
  return { look: () => { most = Math.max(most, heldMemory() - first) }, most: () => most }
}

async function digestOf(stream: AsyncIterable<Buffer>, look: () => void): Promise<{ digest: string; length: number }> {
  const hash = createHash('sha1')
  let length = 0
  for await (const piece of stream) {
    hash.update(piece)
    length += piece.length
    if (length % LOOK < piece.length) look()
  }
  return { digest: hash.digest('hex'), length }
}

describe.each([
  ['by its length', { 'Content-Length': String(SIZE) }],
  ['in chunks',     { 'Transfer-Encoding': 'chunked' }],
])('64 MB, %s', (_says, framing) => {
  test('go up', async () => {
    const { look, most } = memory()
    const sent = createHash('sha1')
    const gateway = await start(async (req, res) => {
      res.end(JSON.stringify(await digestOf(req, look)))
    })
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const out = request({ port: gateway.port, host: '127.0.0.1', method: 'POST', path: '/write?db=a', headers: { ...headersOf(ANN), ...framing } }, resolve)
      out.on('error', reject)
      pipeline(pieces(SIZE, (piece) => sent.update(piece)), out).catch(reject)
    })
    const text = (await answer.toArray()).join('')
    expect(JSON.parse(text)).toEqual({ digest: sent.digest('hex'), length: SIZE })
    expect(most()).toBeLessThan(MEMORY)
  })

  test('come down', async () => {
    const { look, most } = memory()
    const sent = createHash('sha1')
    const gateway = await start((_, res) => {
      res.writeHead(200, framing)
      pipeline(pieces(SIZE, (piece) => sent.update(piece)), res).catch(() => {})
    })
    const answer = await get(gateway.port)
    expect(await digestOf(answer, look)).toEqual({ digest: sent.digest('hex'), length: SIZE })
    expect(most()).toBeLessThan(MEMORY)
  })
})

test('a client that reads slowly slows the upstream down', async () => {
  let produced = 0
  const gateway = await start((_, res) => {
    res.writeHead(200, { 'Content-Length': LONG })
    pipeline(pieces(LONG, (piece) => { produced += piece.length }), res).catch(() => {})
  })
  const answer = await get(gateway.port)
  let read = 0
  for await (const piece of answer) {
    read += (piece as Buffer).length
    expect(produced - read).toBeLessThan(UNDER_WAY)
    // However much could be produced meanwhile
    for (let i = 0; i < 5; i++) await new Promise(setImmediate)
    if (read > 96 * MB) break
  }
  expect(read).toBeGreaterThan(96 * MB)
})

test('an upstream that reads slowly slows the client down', async () => {
  let taken = 0
  const gateway = await start(async (req, res) => {
    for await (const piece of req) {
      taken += (piece as Buffer).length
      for (let i = 0; i < 5; i++) await new Promise(setImmediate)
      if (taken > 96 * MB) break
    }
    res.destroy()
  })
  const socket = connect(gateway.port, '127.0.0.1').setMaxListeners(0)
  socket.on('error', () => {})
  socket.write(`POST /write?db=a HTTP/1.1\r\nHost: me\r\n${ANN}Content-Length: ${LONG}\r\n\r\n`)
  let sent = 0
  for (const piece of pieces(LONG)) {
    sent += piece.length
    expect(sent - taken).toBeLessThan(UNDER_WAY)
    if (!socket.write(piece)) await new Promise((resolve) => { socket.once('drain', resolve); socket.once('close', resolve) })
    if (socket.destroyed || taken > 96 * MB) break
  }
  expect(taken).toBeGreaterThan(90 * MB)
  socket.destroy()
})

test('both ways at a time', async () => {
  const gateway = await start((req, res) => {
    res.writeHead(200, { 'X-Echo': 'yes' })
    req.pipe(res)
  })
  const sent = createHash('sha1')
  const received = createHash('sha1')
  await new Promise<void>((resolve, reject) => {
    const out = request({ port: gateway.port, host: '127.0.0.1', method: 'POST', path: '/write?db=a', headers: headersOf(ANN) }, (answer) => {
      answer.on('data', (piece) => received.update(piece)).on('end', resolve).on('error', reject)
    })
    out.on('error', reject)
    for (const piece of pieces(16 * MB)) {
      sent.update(piece)
      out.write(piece)
    }
    out.end()
  })
  expect(received.digest('hex')).toBe(sent.digest('hex'))
})

function headersOf(lines: string): Record<string, string> {
  return Object.fromEntries(lines.trim().split('\r\n').map((line) => line.split(': ') as [string, string]))
}

function get(port: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path: '/tasks', headers: headersOf(ANN) }, resolve).on('error', reject).end()
  })
}
