// Debian's influxd, with an administrator `ann`.
import { once } from 'node:events'
import { mkdirSync, openSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { listening } from './daemons.mjs'
import { PASSWORD } from './meta.mjs'
import { freePort, start } from './own-processes.mjs'

let made = 0

/** @param dir for its files */
export async function startInfluxd({ dir, auth }) {
  const own = `${dir}/influxd-${made++}`
  mkdirSync(own)
  const [port, rpc] = [await freePort(), await freePort()]
  writeFileSync(
    `${own}/influxdb.conf`,
    `reporting-disabled = true
    bind-address = "127.0.0.1:${rpc}"
    [meta]
    dir = "${own}/meta"
    [data]
    dir = "${own}/data"
    wal-dir = "${own}/wal"
    [monitor]
    store-enabled = false
    [http]
    bind-address = "127.0.0.1:${port}"
    auth-enabled = ${auth}
    log-enabled = false`,
  )
  const output = openSync(`${own}/log`, 'a')
  const args = ['-config', `${own}/influxdb.conf`]
  const server = await listening(
    start('influxd', args, { stdio: ['ignore', output, output] }),
    port,
  )
  const q = encodeURIComponent(`CREATE USER ann WITH PASSWORD '${PASSWORD}' WITH ALL PRIVILEGES`)
  const [answer] = await once(
    request({ port, host: '127.0.0.1', method: 'POST', path: `/query?q=${q}`, agent: false }).end(),
    'response',
  )
  if (answer.resume().statusCode !== 200)
    throw new Error(`influxd made no user: ${answer.statusCode}`)
  return server
}
