// What the login costs at InfluxDB's API, beside what InfluxDB's own costs.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { install } from '../lib/daemons.mjs'
import { median } from '../lib/figures.mjs'
import { startInfluxd } from '../lib/influxd.mjs'
import { basic, once } from '../lib/load.mjs'
import { PASSWORD } from '../lib/meta.mjs'
import { COST } from '../lib/proxies.mjs'
import { row } from '../lib/rows.mjs'
import { startServe } from '../lib/serve.mjs'
import { inTurns } from '../lib/turns.mjs'

/** A batch as Telegraf sends it; the same points each time, so that the store does not grow. */
const LINES = Array.from(
  { length: 100 },
  (_, i) => `cpu,host=server${i % 10},cpu=cpu${i} usage_idle=${i / 7},usage_user=${i}i 1500000000`,
).join('\n')

const headers = basic('ann', PASSWORD)
const param = encodeURIComponent
const WRITE = {
  headers,
  method: 'POST',
  path: '/write?db=telegraf&precision=s',
  body: LINES,
  status: 204,
  requests: 500,
}
const SELECT = {
  headers,
  path: `/query?db=telegraf&epoch=ms&q=${param(`SELECT usage_idle FROM cpu WHERE cpu = 'cpu7' LIMIT 3`)}`,
  requests: 1000,
}

/** @param {{ generator: object, rounds: number, warmUp: number, slices: number }} options */
export async function influxdb({ generator, rounds, warmUp, slices }) {
  if (!install('influxd', 'influxdb')) return []
  const dir = mkdtempSync(`${tmpdir()}/kapacitor-auth-influxdb-`)
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
  const behind = await startInfluxd({ dir, auth: false })
  await fill(behind.port)
  let made = 0

  async function startGateway(auth) {
    const server = await startServe({
      dir,
      name: `influxdb-${made++}`,
      sections: {
        http: { 'log-enabled': false },
        gateway: { 'influxdb-url': `http://127.0.0.1:${behind.port}` },
        meta: { 'bcrypt-cost': COST },
      },
      influxdb: { AUTH_ENABLED: String(auth), LOG_ENABLED: 'false' },
    })
    if (auth) {
      await server.createUser('ann', PASSWORD, { telegraf: ['ReadData', 'WriteData'] })
    }
    return { ...server, port: server.influxdbPort }
  }

  async function startFilled(auth) {
    const server = await startInfluxd({ dir, auth })
    await fill(server.port)
    return server
  }

  const pairs = [
    { name: 'small SELECT, cache hit', start: startGateway, request: SELECT, goal: { floor: 0.9 } },
    {
      name: '/write of 100 lines, cache hit',
      start: startGateway,
      request: WRITE,
      goal: { floor: 0.9 },
    },
    { name: 'influxd, the same SELECT', start: startFilled, request: SELECT },
    { name: 'influxd, the same /write', start: startFilled, request: WRITE },
  ]
  const scenarios = pairs.flatMap(({ start, request }) =>
    [true, false].map((auth) => ({ ...request, start: () => start(auth) })),
  )
  const taken = await inTurns({ scenarios, generator, rounds, warmUp, slices })
  await behind.stop()
  rmSync(dir, { recursive: true, force: true })
  const ratio = (n) =>
    taken.map((round) =>
      median(round[2 * n].map((slice, i) => slice.perSecond / round[2 * n + 1][i].perSecond)),
    )
  return [
    "InfluxDB's API: requests/s with the login as a ratio to the same server without it",
    ...pairs.map(({ name, goal }, n) => row(name, ratio(n), goal)),
  ]
}

/** The database, and points in it. */
async function fill(port) {
  const create = `/query?q=${param('CREATE DATABASE telegraf')}`
  const { status } = await once({ port, headers, path: create, method: 'POST' })
  if (status !== 200) throw new Error(`influxd made no database: ${status}`)
  await once({ port, ...WRITE })
}
