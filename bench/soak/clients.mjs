// What the soak's clients do. Each function is one visit. Those that behave well must be answered: `tally.ask` counts.
import { randomBytes, randomInt } from 'node:crypto'
import { Agent, request } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { basic } from '../lib/load.mjs'

/** How long a well-behaved client waits for an answer, and then between two pieces of it. */
const PATIENCE = 10_000
const HOST = '127.0.0.1'
/** A broken upstream is passed on; a busy one too. */
const UPSTREAM_DOWN = [502, 503, 504]

/** @param shown {port, ca} of the server; the users' passwords are all `password` */
export function createClients({ port, ca, password, server, tally }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 24, ca })
  const at = { host: HOST, port, ca, servername: 'localhost' }
  const ann = basic('ann', password)
  let firsts = 0

  /** One request that must be answered with one of `statuses`. */
  function ask(kind, statuses, { path = '/kapacitor/v1/tasks', method = 'GET', ...rest }) {
    const { headers = {}, send = (req) => req.end(), read = (res) => res.resume(), isRight } = rest
    return tally.ask(kind, (settle) => {
      const req = request({ ...at, agent, path, method, headers })
      req.setTimeout(PATIENCE, () => req.destroy(new Error('no answer in time')))
      let answer
      req.on('response', (res) => {
        const { statusCode } = res
        answer = statusCode
        let text = ''
        let length = 0
        res.on('data', (chunk) => {
          length += chunk.length
          if (text.length < 1000) text += chunk.toString('latin1', 0, 1000)
        })
        read(res)
        res.on('end', () => {
          if (!res.complete) return
          const isExpected = [statuses, UPSTREAM_DOWN].flat().includes(statusCode)
          const isWrong = !isExpected || (statusCode === 200 && isRight && !isRight(text, length))
          settle(isWrong ? 'wrong' : 'answered', statusCode, isWrong ? text.slice(0, 200) : '')
        })
        res.on('error', (error) => settle('cut off', statusCode, error.message))
        res.on('close', () => settle('cut off', statusCode, 'closed'))
      })
      req.on('error', (error) => {
        if (answer === undefined) settle('unanswered', undefined, error.code ?? error.message)
      })
      send(req)
    })
  }

  async function sendSlowly(req, size) {
    for (let left = size; left > 0 && !req.destroyed; left -= 16_384) {
      req.write(Buffer.alloc(Math.min(left, 16_384), 'y'))
      if (left > 200_000) await pause(1)
    }
    req.end()
  }

  function post(kind, headers, size, path = '/kapacitor/v1/tasks') {
    const isRight = (text) => JSON.parse(text).bytes === size
    const send = (req) => sendSlowly(req, size)
    return ask(kind, [200, 204], { method: 'POST', headers, path, send, isRight })
  }

  /** Sends `bytes` on a connection of its own; it is destroyed, or half closed, when `until` is fulfilled. */
  function vanish(bytes, until, { plain = false, half = false } = {}) {
    tally.vanished()
    return new Promise((resolve) => {
      const socket = plain ? connectPlain(port, HOST) : connectTls(at)
      socket.on('error', () => {}).on('close', resolve)
      socket.once(plain ? 'connect' : 'secureConnect', async () => {
        socket.write(bytes)
        await until(socket)
        if (half) socket.end()
        setTimeout(() => socket.destroy(), half ? 500 : 0)
      })
      socket.setTimeout(PATIENCE, () => socket.destroy())
    })
  }

  const head = (method, target, headers) => {
    const lines = Object.entries({ Host: 'localhost', ...headers }).map(([k, v]) => `${k}: ${v}`)
    return [`${method} ${target} HTTP/1.1`, ...lines, '', ''].join('\r\n')
  }
  const moment = () => pause(randomInt(60))
  const large = '/kapacitor/v1/tasks?size=4000000'

  /** Sees `bytes` of an answer, and no more. */
  const seen = (bytes) => (socket) =>
    new Promise((resolve) => {
      let count = 0
      socket.on('close', resolve).on('data', (chunk) => {
        count += chunk.length
        if (count >= bytes) resolve()
      })
    })

  return {
    agent,
    // [how many at a time, pause between two visits in ms, the visit]; a "no" costs a bcrypt at cost 10, thus some a second
    visits: {
      'GET, keep-alive': [
        4,
        30,
        () =>
          ask('GET, keep-alive', 200, {
            headers: ann,
            isRight: (text) => JSON.parse(text).user === 'ann',
          }),
      ],
      'POST, a length': [
        2,
        80,
        () => {
          const size = randomInt(300_000)
          return post('POST, a length', { ...ann, 'Content-Length': size }, size)
        },
      ],
      'POST, chunked': [2, 120, () => post('POST, chunked', ann, randomInt(1_000_000))],
      'POST, 204': [2, 50, () => post('POST, 204', ann, 4000, '/kapacitor/v1/write?db=soak')],
      'POST, Expect': [
        1,
        50,
        () => {
          const headers = { ...ann, Expect: '100-continue', 'Content-Length': 5000 }
          const send = (req) => {
            req.on('continue', () => sendSlowly(req, 5000))
            req.flushHeaders()
          }
          return ask('POST, Expect', 200, { method: 'POST', headers, send })
        },
      ],
      'answer of 1 MB': [
        1,
        150,
        () =>
          ask('answer of 1 MB', 200, {
            headers: ann,
            path: '/kapacitor/v1/tasks?size=1000000',
            isRight: (_, length) => length === 1_000_000,
          }),
      ],
      'slow reader': [
        2,
        50,
        () =>
          ask('slow reader', 200, {
            headers: ann,
            path: '/kapacitor/v1/tasks?size=6000000',
            isRight: (_, length) => length === 6_000_000,
            read(res) {
              res.on('data', () => {
                res.pause()
                setTimeout(() => res.resume(), 8)
              })
            },
          }),
      ],
      'wrong password': [
        1,
        900,
        () => ask('wrong password', 401, { headers: basic('ann', `wrong ${randomInt(1e9)}`) }),
      ],
      'unknown user': [
        1,
        900,
        () => ask('unknown user', 401, { headers: basic(randomBytes(9).toString('hex'), 'x') }),
      ],
      'no credentials': [1, 50, () => ask('no credentials', 401, {})],
      forbidden: [1, 50, () => ask('forbidden', 403, { headers: basic('weak', password) })],
      'forbidden, with a body': [
        1,
        80,
        () => {
          const send = (req) => sendSlowly(req, 100_000)
          const headers = basic('weak', password)
          return ask('forbidden, with a body', 403, { method: 'POST', headers, send })
        },
      ],
      'first login': [
        2,
        600,
        async () => {
          const name = `first-${firsts++}`
          const headers = basic(name, password)
          await server.createUser(name, password, { '': ['KapacitorAPI'] })
          await ask('first login', 200, { headers })
          await ask('first login', 200, { headers })
          await server.deleteUser(name)
          await ask('first login', 401, { headers })
        },
      ],
      'new password': [
        1,
        1500,
        async () => {
          const next = `new ${randomInt(1e9)}`
          await server.changePassword('bob', next)
          await ask('new password', 200, { headers: basic('bob', next) })
          await ask('new password', 401, { headers: basic('bob', password) })
        },
      ],
      'pipelined, 6 at once': [
        1,
        200,
        () =>
          pipeline(
            { at, tally, kind: 'pipelined, 6 at once' },
            Array.from({ length: 6 }, (_, n) => {
              const path = `/kapacitor/v1/tasks/${n}`
              return { path, bytes: head('GET', path, ann) }
            }),
          ),
      ],
      'vanishes in the handshake': [
        1,
        150,
        () =>
          vanish(Buffer.from('1603010200010001fc0303', 'hex'), moment, {
            plain: true,
            half: randomInt(2) === 0,
          }),
      ],
      'vanishes in the headers': [
        1,
        100,
        () => vanish(head('GET', '/kapacitor/v1/tasks', ann).slice(0, 60), moment),
      ],
      'vanishes in the body': [
        2,
        120,
        () => {
          const headers = { ...ann, 'Content-Length': 500_000 }
          const half = randomInt(3) === 0
          const bytes = head('POST', '/kapacitor/v1/tasks', headers) + 'y'.repeat(randomInt(99_000))
          return vanish(bytes, moment, { half })
        },
      ],
      'vanishes before the answer': [
        1,
        1000,
        () => {
          const headers = basic('ann', `wrong ${randomInt(1e9)}`)
          return vanish(head('GET', '/kapacitor/v1/tasks', headers), () => pause(randomInt(3)))
        },
      ],
      'vanishes in the answer': [
        2,
        120,
        () =>
          vanish(head('GET', large, ann), seen(randomInt(1, 300_000)), {
            half: randomInt(3) === 0,
          }),
      ],
      'vanishes, pipelined': [
        1,
        100,
        () => vanish(head('GET', large, ann).repeat(4), seen(randomInt(1, 300_000))),
      ],
    },
  }
}

/** Requests sent together on one connection: as many answers, in their order. */
async function pipeline({ at, tally, kind }, requests) {
  const socket = connectTls(at)
  const waiting = requests.map(() => Promise.withResolvers?.() ?? deferred())
  let next = 0
  let text = ''
  const finish = (outcome, why) => {
    while (next < waiting.length) waiting[next++].resolve([outcome, undefined, why])
  }
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk
    for (let answer = takeAnswer(); answer; answer = takeAnswer()) {
      const { status, body } = answer
      const isRight =
        UPSTREAM_DOWN.includes(status) ||
        (status === 200 && JSON.parse(body).path === requests[next]?.path)
      waiting[next++]?.resolve([isRight ? 'answered' : 'wrong', status, isRight ? '' : body])
    }
    if (next >= waiting.length) socket.destroy()
  })
  function takeAnswer() {
    const end = text.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    const lines = text.slice(0, end)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(lines)?.[1] ?? 0)
    if (text.length < end + 4 + length) return undefined
    const body = text.slice(end + 4, end + 4 + length)
    text = text.slice(end + 4 + length)
    return { status: Number(lines.slice(9, 12)), body }
  }
  // An answer cut off takes those behind it with it; one that never began is not answered
  socket.on('error', () => {})
  socket.on('close', () => finish(text === '' ? 'unanswered' : 'cut off', `closed ${text}`))
  socket.setTimeout(PATIENCE, () => socket.destroy())
  const asked = waiting.map(({ promise }) =>
    tally.ask(kind, async (settle) => settle(...(await promise))),
  )
  socket.write(requests.map(({ bytes }) => bytes).join(''))
  await Promise.all(asked)
}

function deferred() {
  let resolve
  const promise = new Promise((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
