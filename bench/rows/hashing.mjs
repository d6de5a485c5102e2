// Rows about hashing: each function measures for some seconds.
import { fork } from 'node:child_process'
import { once as event } from 'node:events'
import { availableParallelism } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { createBcryptPool } from '../../dist/index.js'
import { percentile } from '../lib/figures.mjs'
import { basic, latencies, once, startGenerator } from '../lib/load.mjs'
import { PASSWORD, startMeta } from '../lib/meta.mjs'
import { startProcess } from '../lib/process.mjs'
import { row } from '../lib/rows.mjs'

const CORES = availableParallelism()

/**
 * A cached user asks again and again, alone and while every hashing slot is busy: with wrong passwords of known and
 * unknown names, and with first logins, which come from as many addresses as there are.
 *
 * @param {{ rounds?: number, seconds?: number }} [options]
 */
export async function cachedWhileHashing({ rounds = 5, seconds = 3 } = {}) {
  const meta = await startMeta()
  const server = await startProcess('unlimited', meta.port)
  const { port, usage } = server
  const ann = { port, headers: basic('ann', PASSWORD) }
  const others = startClients(port)
  const times = () => latencies(ann, pause(seconds * 1000))
  const ratios = []
  const delays = []
  for (let i = 0; i < 3; i++) await once(ann)
  await latencies(ann, pause(1000)) // warms up
  for (let i = 0; i < rounds; i++) {
    const idle = await times()
    const busy = []
    for (const kind of ['wrong passwords', 'first logins']) {
      await others.ask(kind)
      await pause(500)
      await usage()
      busy.push(...(await times()))
      delays.push((await usage()).delayP99)
      await others.rest()
    }
    ratios.push(percentile(busy, 0.99) / percentile(idle, 0.99))
  }
  others.stop()
  await server.stop()
  meta.close()
  return [
    row("cached user's p99 while every hashing slot is busy, against idle", ratios, {
      floor: 2,
      aim: 1.3,
      better: 'less',
    }),
    row('event loop delay p99 meanwhile, ms', delays, { floor: 15, aim: 5, better: 'less' }),
  ]
}

/** Clients that keep every hashing slot of a server busy, see hashing-clients.mjs. */
function startClients(port) {
  const child = fork(new URL('../lib/hashing-clients.mjs', import.meta.url))
  const tell = async (order) => {
    child.send(order)
    await event(child, 'message')
  }
  return {
    ask: (kind) => tell({ port, kind, connections: 8 * CORES }),
    rest: () => tell({}),
    stop: () => child.disconnect(),
  }
}

/** Hashes a second at cost 10 of a pool that has all the cores and nothing else to do: as many passwords as above. */
async function hashesPerSecond(seconds) {
  const pool = createBcryptPool()
  const hash = await pool.hash(PASSWORD, 10)
  await Promise.all(Array.from({ length: CORES }, () => pool.compare(PASSWORD, hash)))
  let done = 0
  const end = performance.now() + seconds * 1000
  const start = performance.now()
  await Promise.all(
    Array.from({ length: 2 * CORES }, async () => {
      while (performance.now() < end) {
        await pool.compare(PASSWORD, hash)
        done++
      }
    }),
  )
  const perSecond = (done / (performance.now() - start)) * 1000
  await pool.close()
  return perSecond
}

/** First logins a second against the same hashing and nothing else. @param {{ rounds?: number, seconds?: number }} [options] */
export async function firstLogins({ rounds = 5, seconds = 3 } = {}) {
  const meta = await startMeta()
  const server = await startProcess('unlimited', meta.port)
  const ratios = []
  let count = 0
  for (let i = 0; i < rounds; i++) {
    const most = await hashesPerSecond(seconds)
    let done = 0
    const start = performance.now()
    const end = start + seconds * 1000
    await Promise.all(
      Array.from({ length: 8 * CORES }, async () => {
        while (performance.now() < end) {
          const headers = basic(`first-${count++}`, PASSWORD)
          const { status } = await once({ port: server.port, headers })
          if (status !== 200) throw new Error(`a first login got ${status}`)
          done++
        }
      }),
    )
    ratios.push(((done / (performance.now() - start)) * 1000) / most)
  }
  await server.stop()
  meta.close()
  const goal = { floor: 0.85, aim: 0.95, better: 'more' }
  return [row('first logins/s (cost 10) against all cores only hashing', ratios, goal)]
}

/** What bcryptjs does on one core: comparisons a second at cost 4. */
async function oneCoreOfBcryptjs(seconds) {
  const source = `
    const { parentPort } = require('node:worker_threads')
    require('node:os').setPriority(0, 10) // like our hashing threads
    import(${JSON.stringify(import.meta.resolve('bcryptjs'))}).then(({ default: bcrypt }) => {
      const hash = bcrypt.hashSync('a password', 4)
      for (let i = 0; i < 200; i++) bcrypt.compareSync('a password', hash)
      const start = performance.now()
      let done = 0
      while (performance.now() - start < ${seconds * 1000}) {
        bcrypt.compareSync('a password', hash)
        done++
      }
      parentPort.postMessage((done / (performance.now() - start)) * 1000)
    })`
  const worker = new Worker(source, { eval: true })
  const [perSecond] = await event(worker, 'message')
  return perSecond
}

/**
 * Digest off, bcrypt-cost 4: each request is a bcrypt. The connections ask for as many users, since simultaneous requests
 * with the same password share one.
 *
 * @param {{ rounds?: number, seconds?: number }} [options]
 */
export async function digestOff({ rounds = 5, seconds = 2 } = {}) {
  const meta = await startMeta({ cost: 4 })
  const server = await startProcess('digest-off', meta.port)
  const { port } = server
  const users = Array.from({ length: 32 }, (_, i) => basic(`user-${i}`, PASSWORD))
  const generator = startGenerator()
  for (const headers of users) await once({ port, headers })
  await generator.send({ port, headers: users, requests: 2000 }) // warms up
  const ratios = []
  for (let i = 0; i < rounds; i++) {
    const most = await oneCoreOfBcryptjs(seconds)
    const requests = 400 * seconds * CORES
    const { seconds: taken } = await generator.send({ port, headers: users, requests })
    ratios.push(requests / taken / most)
  }
  generator.stop()
  await server.stop()
  meta.close()
  const goal = { floor: 1.6, aim: 1.9, better: 'more' }
  return [row('digest off, bcrypt-cost 4: hits/s against one core of bcryptjs', ratios, goal)]
}

/**
 * What one address gets hashed: wrong passwords of random names, as fast as they can be sent, with the limits as they come.
 *
 * @param {{ burst?: number, seconds?: number }} [options] `burst`: how long the first wrong passwords take, in seconds
 */
export async function oneAttacker({ burst = 9, seconds = 10 } = {}) {
  const meta = await startMeta()
  const server = await startProcess('auth', meta.port)
  const { port } = server
  const counts = { 401: 0, 429: 0, 503: 0 }
  let count = 0
  const attack = async (until) => {
    while (performance.now() < until) {
      const { status } = await once({ port, headers: basic(`x-${count++}`, 'wrong') })
      counts[status]++
      if (status === 429) await pause(1) // or the attacker takes the CPU that is measured
    }
  }
  const all = (until) => Promise.all(Array.from({ length: 16 }, () => attack(until)))
  await all(performance.now() + burst * 1000)
  const [before, start] = [counts[401], performance.now()]
  await all(start + seconds * 1000)
  const perSecond = ((counts[401] - before) / (performance.now() - start)) * 1000
  await server.stop()
  meta.close()
  const goal = { floor: 11, aim: 10, better: 'less', digits: 1 }
  return [
    row(
      'wrong passwords/s that one address gets hashed (100ms, after a burst of 50)',
      [perSecond],
      goal,
    ),
  ]
}

/** All of them. @param {{ quick?: boolean }} [options] */
export async function hashing({ quick = false } = {}) {
  const rounds = quick ? 1 : 5
  return [
    'hashing',
    ...(await cachedWhileHashing({ rounds, seconds: quick ? 1 : 2 })),
    ...(await firstLogins({ rounds, seconds: quick ? 2 : 3 })),
    ...(await digestOff({ rounds, seconds: quick ? 1 : 2 })),
    ...(await oneAttacker(quick ? { burst: 5, seconds: 2 } : {})),
  ]
}
