// [gateway] min-body-rate holds at InfluxDB's door, too: points that come more slowly are refused.
import { performance } from 'node:perf_hooks'
import { afterEach, expect, test, vi } from 'vitest'
import { startDoor } from '../../support/influxdb-door.js'
import { startRecordingUpstream } from '../../support/recording-upstream.js'
import { basic } from '../../support/servers.js'
import { until } from '../../support/until.js'
import { rawClient } from '../raw-client.js'

const BEGIN = 'm v=1\n'.repeat(20_000)
const REST = 'm v=2\n'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  for (const close of closing.splice(0).reverse()) await close()
})

test.each([
  // says                                         bytes a second    for seconds   status
  ['slower than that: 408',                       1_000_000,        60,           408],
  ['slower than that, in the first 20 s: taken',  1_000_000,        19,           204],
  ['not slower than that: taken',                 5_000,            40,           204],
  ['0 sets no limit: taken',                      0,                3_600,        204],
])('%s', async (_says, rate, seconds, status) => {
  const upstream = await startRecordingUpstream()
  closing.push(upstream.close)
  const door = await startDoor(upstream.url, { 'gateway.min-body-rate': rate })
  closing.push(door.close)
  const q = "CREATE USER admin WITH PASSWORD 'adminpw' WITH ALL PRIVILEGES"
  expect((await fetch(`${door.url}/query`, { method: 'POST', body: new URLSearchParams({ q }) })).status).toBe(200)

  const client = await rawClient(Number(new URL(door.url).port))
  const login = `Authorization: ${basic('admin', 'adminpw')}\r\n`
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  let now = performance.now()
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  client.send(`POST /write?db=a HTTP/1.1\r\nHost: x\r\n${login}Content-Length: ${BEGIN.length + REST.length}\r\n\r\n${BEGIN}`)
  while (!upstream.received().endsWith(BEGIN)) await new Promise(setImmediate)
  let isAnswered = false
  const answer = client.answer('POST').finally(() => { isAnswered = true })
  for (let second = 0; second < seconds && !isAnswered; second++) {
    now += 1_000
    vi.advanceTimersByTime(1_000)
    await new Promise(setImmediate)
  }
  if (!isAnswered) client.send(REST)
  expect(await answer).toMatchObject({ status, ...(status === 408 && { body: '{"error":"request body sent too slowly"}\n' }) })
  client.close()
  vi.restoreAllMocks()
  vi.useRealTimers()
  await until(() => upstream.requests.filter(({ target }) => target.startsWith('/write')).length === (status === 204 ? 1 : 0))
})
