// A load generator that takes little CPU beside the server that it measures: autocannon takes more than a bare Koa
// app does, so that with two cores it is the one that is measured. Runs in a process of its own; told by IPC
// `{port, headers, path, status, requests, users}`, it answers `{requests, seconds}`, the time that these took.
import { connect } from 'node:net'
import { headerOf } from './many-users.mjs'

const CONNECTIONS = 32

const HAS_OWN_CORE = process.argv[2] === 'own-core'

/**
 * Sends `requests` requests over 32 connections, each waiting for its answer. All answers must be as long as the first.
 * A list of headers is dealt out to the connections. With `users`, each request is another one's of so many.
 */
async function run({ port, headers, path, method = 'GET', body = '', status, requests, users }) {
  const all = [headers].flat().map((some) => requestOf(path, some, method, body))
  const length = await knownLength(port, all[0], status)
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(port)))
  // With a core of its own it never sleeps: to wake it would be charged to the servers, 5 µs an answer, but only to those
  // that it waits for. Otherwise the servers need the time
  let isBusy = HAS_OWN_CORE
  const stayAwake = () => isBusy && setImmediate(stayAwake)
  stayAwake()
  const start = performance.now()
  let left = requests
  await Promise.all(
    sockets.map(
      (socket, i) =>
        new Promise((resolve, reject) => {
          const bytes = all[i % all.length]
          const next = users ? () => send(randomRequest(path, users)) : () => send(bytes)
          let missing = 0
          const send = (request) => {
            if (left-- <= 0) return resolve()
            missing = length
            socket.write(request)
          }
          socket.on('data', (chunk) => {
            if (missing === length && !chunk.subarray(9, 12).equals(Buffer.from(String(status)))) {
              reject(new Error(`answered ${chunk.toString('latin1', 0, 40)}`))
            }
            missing -= chunk.length
            if (missing < 0) reject(new Error('an answer is longer than the first'))
            if (missing === 0) next()
          })
          socket.on('error', reject).on('close', () => reject(new Error('connection closed')))
          next()
        }),
    ),
  )
  const seconds = (performance.now() - start) / 1000
  isBusy = false
  for (const socket of sockets) socket.removeAllListeners('close').destroy()
  return { requests, seconds }
}

const randomRequest = (path, users) =>
  requestOf(path, { authorization: headerOf(Math.floor(Math.random() * users)) })

function requestOf(path, headers, method = 'GET', body = '') {
  const length = body === '' ? {} : { 'Content-Length': Buffer.byteLength(body) }
  const text = Object.entries({ Host: 'localhost', ...headers, ...length }).map(
    ([k, v]) => `${k}: ${v}\r\n`,
  )
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${text.join('')}\r\n${body}`)
}

const open = (port) =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('connect', () => resolve(socket)).once('error', reject)
  })

/** By port and request: it takes a moment to find out. */
const lengths = new Map()

async function knownLength(port, bytes, status) {
  const key = `${port} ${bytes}`
  if (!lengths.has(key)) lengths.set(key, await lengthOfAnswer(port, bytes, status))
  return lengths.get(key)
}

/** How many bytes an answer has: all that comes within a moment. */
async function lengthOfAnswer(port, bytes, status) {
  const socket = await open(port)
  let answer = ''
  socket.setEncoding('latin1').on('data', (chunk) => {
    answer += chunk
  })
  socket.write(bytes)
  const deadline = performance.now() + 10_000
  while (answer === '' && performance.now() < deadline) await pause(5)
  await pause(50)
  socket.destroy()
  if (!answer.startsWith(`HTTP/1.1 ${status} `)) throw new Error(`answered ${answer.slice(0, 300)}`)
  return answer.length
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

process.on('message', async (order) => {
  try {
    process.send(await run(order))
  } catch (error) {
    process.send({ error: error.message })
  }
})
process.on('disconnect', () => process.exit())
