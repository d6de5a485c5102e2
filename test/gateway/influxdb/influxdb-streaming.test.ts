// Answers and points go through as they come: neither is kept in memory.
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDoor, type TestDoor } from '../../support/influxdb-door.js'
import { basic } from '../../support/servers.js'

const PIECE = Buffer.alloc(1024 * 1024, 'x')
const PIECES = 128
const auth = { authorization: basic('admin', 'adminpw') }

let upstream: Server
let door: TestDoor
/** How much of a body has come to the upstream, and how much it had sent when the client last took something. */
let received = 0
let sent = 0

beforeAll(async () => {
  upstream = createServer((req, res) => {
    if (req.url?.startsWith('/ping')) return void res.writeHead(204).end()
    if (req.url?.startsWith('/write')) {
      req.on('data', (chunk: Buffer) => { received += chunk.length }).on('end', () => res.writeHead(204).end())
      return
    }
    req.resume()
    let piece = 0
    const more = () => {
      while (piece < PIECES) {
        piece++
        sent += PIECE.length
        if (!res.write(PIECE)) return void res.once('drain', more)
      }
      res.end()
    }
    more()
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  door = await startDoor(`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`, { 'influxdb.max-body-size': 0 })
  await fetch(`${door.url}/query`, { method: 'POST', body: new URLSearchParams({ q: "CREATE USER admin WITH PASSWORD 'adminpw' WITH ALL PRIVILEGES" }) })
})

afterAll(async () => {
  await door?.close()
  upstream?.closeAllConnections()
  await new Promise((resolve) => upstream?.close(resolve))
})

test('a client that takes an answer slowly holds InfluxDB back', async () => {
  let lead = 0
  const length = await new Promise<number>((resolve, reject) => {
    request(`${door.url}/query?db=a&chunked=true&q=SELECT+*+FROM+m`, { headers: auth }, (answer) => {
      let taken = 0
      answer.on('data', (chunk: Buffer) => {
        taken += chunk.length
        lead = Math.max(lead, sent - taken)
        answer.pause()
        setImmediate(() => answer.resume())
      })
      answer.on('end', () => resolve(taken)).on('error', reject)
    }).on('error', reject).end()
  })
  expect(length).toBe(PIECES * PIECE.length)
  // What is in the buffers of four sockets
  expect(lead).toBeLessThan(64 * PIECE.length)
})

test('points go on before all of them have come', async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const out = request(`${door.url}/write?db=a`, { method: 'POST', headers: auth }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    }).on('error', reject)
    out.write(Buffer.alloc(4 * PIECE.length, 'm v=1\n'))
    const look = () => {
      if (received >= PIECE.length) out.end('m v=2\n')
      else setImmediate(look)
    }
    look()
  })
  expect(status).toBe(204)
  expect(received).toBe(4 * PIECE.length + 6)
})
