import { fork } from 'node:child_process'
import { once as event } from 'node:events'
import { Agent, request } from 'node:http'
import { CAN_PIN, onCore } from './core.mjs'

/**
 * The load generator, in a process of its own. `send` resolves to the requests, and the seconds that they took.
 *
 * @param {number} [core] the core that it stays on
 */
export function startGenerator(core) {
  const args = CAN_PIN && core !== undefined ? ['own-core'] : []
  const child = fork(new URL('./generator.mjs', import.meta.url), args, onCore(core))
  return {
    async send({ path = '/kapacitor/v1/tasks', status = 200, ...order }) {
      child.send({ path, status, ...order })
      const [{ error, ...sent }] = await event(child, 'message')
      if (error) throw new Error(error)
      return sent
    },
    pid: child.pid,
    stop: () => child.disconnect(),
  }
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 })

/** One request; resolves to its status and its milliseconds. */
export function once({ port, headers, path = '/kapacitor/v1/tasks', method, body }) {
  const start = performance.now()
  return new Promise((resolve, reject) => {
    const options = { port, headers, agent, host: '127.0.0.1', path, method }
    request(options, (res) => {
      res
        .resume()
        .on('end', () => resolve({ status: res.statusCode, ms: performance.now() - start }))
    })
      .on('error', reject)
      .end(body)
  })
}

/** The milliseconds of requests sent one after the other, one every few milliseconds, until `until` settles. */
export async function latencies(target, until) {
  const times = []
  let going = true
  const end = () => {
    going = false
  }
  until.then(end, end)
  while (going) {
    const { status, ms } = await once(target)
    if (status !== 200) throw new Error(`status ${status}`)
    times.push(ms)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  return times
}

export const basic = (name, password) => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
})
