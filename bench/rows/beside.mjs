// What their own logins cost others: requests/s with passwords against the same server without.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import bcrypt from 'bcryptjs'
import { install } from '../lib/daemons.mjs'
import { median } from '../lib/figures.mjs'
import { startInfluxd } from '../lib/influxd.mjs'
import { basic } from '../lib/load.mjs'
import { PASSWORD } from '../lib/meta.mjs'
import { COST, createProxies } from '../lib/proxies.mjs'
import { row } from '../lib/rows.mjs'
import { startServe } from '../lib/serve.mjs'
import { inTurns } from '../lib/turns.mjs'

const JSON_BODY = JSON.stringify({ tasks: Array(20).fill({ id: 'cpu-alert' }) })
const HASHED = { requests: 16, turns: 2 }
const DATABASES = `/query?q=${encodeURIComponent('SHOW DATABASES')}`

/** @param {{ generator: object, rounds: number, warmUp: number, slices: number }} options */
export async function beside({ generator, rounds, warmUp, slices }) {
  const has = {
    nginx: install('nginx', 'nginx-light'),
    caddy: install('caddy', 'caddy'),
    influxd: install('influxd', 'influxdb'),
  }
  if (!has.nginx) return []
  const dir = mkdtempSync(`${tmpdir()}/kapacitor-auth-beside-`)
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
  let upstream
  let made = 0
  const hash = bcrypt.hashSync(PASSWORD, COST)
  const proxies = createProxies({ dir, hash, upstream: () => upstream.port })
  upstream = await proxies.startUpstream(JSON_BODY)

  async function startGateway(http) {
    const server = await startServe({
      dir,
      name: `gateway-${made++}`,
      sections: {
        http: { 'log-enabled': false, ...http },
        gateway: { 'kapacitor-url': `http://127.0.0.1:${upstream.port}` },
        meta: { 'bcrypt-cost': COST },
      },
    })
    if (http['auth-enabled'] !== false)
      await server.createUser('ann', PASSWORD, { '': ['KapacitorAPI'] })
    return server
  }

  const headers = basic('ann', PASSWORD)
  const pairs = [
    {
      name: 'kapacitor-auth serve, cache hit',
      on: () => startGateway({}),
      off: () => startGateway({ 'auth-enabled': false }),
      goal: { floor: 0.9 },
    },
    {
      name: 'Caddy basic_auth (keeps plain passwords), one worker',
      needs: 'caddy',
      on: () => proxies.startCaddy({ workers: 1 }),
      off: () => proxies.startCaddy({ workers: 1, auth: false }),
    },
    {
      name: 'nginx auth_basic, bcrypt cost 10, one worker',
      on: () => proxies.startNginx({ workers: 1 }),
      off: () => proxies.startNginx({ workers: 1, auth: false }),
      slow: HASHED,
      goal: { digits: 4 },
    },
    {
      name: 'influxd, SHOW DATABASES',
      needs: 'influxd',
      on: () => startInfluxd({ dir, auth: true }),
      off: () => startInfluxd({ dir, auth: false }),
      path: DATABASES,
    },
  ].filter(({ needs }) => has[needs] ?? true)
  const scenarios = pairs.flatMap(({ on, off, path, slow }) => [
    { start: on, headers, path, ...slow },
    { start: off, headers, path },
  ])
  const taken = await inTurns({ scenarios, generator, rounds, warmUp, slices })
  await upstream.stop()
  rmSync(dir, { recursive: true, force: true })
  const ratio = (n) =>
    taken.map((round) =>
      median(round[2 * n].map((slice, i) => slice.perSecond / round[2 * n + 1][i].perSecond)),
    )
  return [
    'requests/s with the login as a ratio to the same server without it',
    ...pairs.map(({ name, goal }, n) => row(name, ratio(n), goal)),
  ]
}
