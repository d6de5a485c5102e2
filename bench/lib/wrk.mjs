// wrk as load generator: it takes a third of the CPU that ours takes, for rows in which server, upstream and generator
// want more than all cores. It counts no statuses but failures, and ends by time.
import { once } from 'node:events'
import { start } from './own-processes.mjs'

const CONNECTIONS = 32

/**
 * @param {number} seconds how long a slice takes, in whole seconds
 * @param {number} [core] the core that it stays on
 */
export const startWrk = (seconds, core) => ({
  async send({ port, headers = {}, path = '/kapacitor/v1/tasks' }) {
    const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
    const args = ['-t', '1', '-c', String(CONNECTIONS), '-d', `${seconds}s`, ...fields]
    const command = ['wrk', ...args, `http://127.0.0.1:${port}${path}`]
    if (core !== undefined) command.unshift('taskset', '-c', String(core))
    const child = start(command[0], command.slice(1))
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (piece) => {
      text += piece
    })
    await once(child, 'close')
    const [requests, perSecond] = [/(\d+) requests in/, /Requests\/sec:\s+([\d.]+)/].map((form) =>
      Number(form.exec(text)?.[1]),
    )
    if (!(perSecond > 0) || /Non-2xx|Socket errors/.test(text)) throw new Error(`wrk: ${text}`)
    return { requests, seconds: requests / perSecond }
  },
})
