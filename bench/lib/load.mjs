import { Agent, request } from 'node:http'
import autocannon from 'autocannon'

/** Requests per second that a server answers to 32 connections; throws if an answer has another status. */
export async function throughput({ port, headers, status = 200, seconds }) {
  const result = await autocannon({
    url: `http://127.0.0.1:${port}/kapacitor/v1/tasks`,
    connections: 32,
    duration: seconds,
    headers,
  })
  const { requests, statusCodeStats, errors } = result
  const seen = Object.keys(statusCodeStats).join(', ')
  if (errors > 0 || seen !== String(status)) throw new Error(`${errors} errors, status ${seen}`)
  return { perSecond: requests.total / result.duration, total: requests.total }
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 })

/** One request; resolves to its status and its milliseconds. */
export function once({ port, headers }) {
  const start = performance.now()
  return new Promise((resolve, reject) => {
    const options = { port, headers, agent, host: '127.0.0.1', path: '/kapacitor/v1/tasks' }
    request(options, (res) => {
      res
        .resume()
        .on('end', () => resolve({ status: res.statusCode, ms: performance.now() - start }))
    })
      .on('error', reject)
      .end()
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
