// The session that docs/influxdb.md prints, as it is printed, with a real InfluxDB and its own command.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { has } from '../support/daemons.js'
import { type Influxd, startInfluxd } from '../support/influxd.js'
import { type Program, start, temporaryDirectory } from '../support/program.js'

const ROOT = join(import.meta.dirname, '../..')
const MAIN = join(ROOT, 'dist/main.js')
const DOCUMENT = readFileSync(join(ROOT, 'docs/influxdb.md'), 'utf8')
const SESSION = /another terminal[\s\S]*?```sh\n([\s\S]*?)```/.exec(DOCUMENT)?.[1] ?? ''
const PASSWORD = 'the admin password'

describe.skipIf(!has('influxd', 'influx'))('the session with InfluxDB', () => {
  const directory = temporaryDirectory()
  let influxd: Influxd
  let program: Program
  let door: URL
  let kapacitor: URL
  let meta: URL

  beforeAll(async () => {
    influxd = await startInfluxd()
    program = start(['serve', '--config', '/dev/null', '--data-dir', directory.path], {
      KAPACITOR_GATEWAY_INFLUXDB_URL: influxd.url, KAPACITOR_META_ADMIN_PASSWORD: PASSWORD, KAPACITOR_META_BCRYPT_COST: '4',
      INFLUXDB_HTTP_BIND_ADDRESS: '127.0.0.1:0', KAPACITOR_HTTP_BIND_ADDRESS: '127.0.0.1:0', KAPACITOR_META_HTTP_BIND_ADDRESS: '127.0.0.1:0',
    })
    const urlOf = async (title: string) => new URL((await program.until(new RegExp(`${title} +(http:\\S+) `)))[1] as string)
    meta = await urlOf('meta node')
    kapacitor = await urlOf('Kapacitor API')
    door = await urlOf('InfluxDB API')
  })

  afterAll(async () => {
    program?.child.kill()
    await program?.end()
    await influxd?.close()
    directory.remove()
  })

  test('does what the document says', async () => {
    const session = SESSION.replace('INFLUX_PASSWORD=…', `INFLUX_PASSWORD='${PASSWORD}'`).replaceAll('localhost:8086', door.host).replaceAll('localhost:9092', kapacitor.host)
    const script = `set -e
influx() { command influx -host 127.0.0.1 -port ${door.port} "$@"; }
curl() { command curl -sS -w ' %{http_code}\\n' "$@"; }
kapacitor-auth() { '${process.execPath}' '${MAIN}' "$@"; }
${session}`
    const child = spawn('bash', ['--norc', '-c', script], {
      env: { PATH: process.env.PATH, HOME: directory.path, KAPACITOR_PASSWORD: PASSWORD, KAPACITOR_AUTH_META_ADDR: meta.host },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let shown = ''
    for await (const chunk of child.stdout.setEncoding('utf8')) shown += chunk
    const lines = shown.split('\n').filter((line) => line !== '' && !/^ \d+$/.test(line))
    expect(lines).toEqual([
      expect.stringMatching(/^\{"results":\[\{"statement_id":0,"series":\[\{"name":"h2o_feet","columns":\["time","location","water_level"\],"values":\[\["\S+","santa_monica",2\.064\]\]\}\]\}\]\}$/),
      `{"error":"error authorizing query: todd not authorized to execute statement 'SHOW USERS', requires admin privilege"}`,
      String.raw`{"error":"\"todd\" user is not authorized to write to database \"NOAA_water_database\""}`,
      'user   todd',
      'admin  no',
      'roles  none',
      'DATABASE             PERMISSIONS  GRANTED',
      'NOAA_water_database  ReadData     to the user',
      String.raw`{"error":"user todd does not have \"read\" privilege for API endpoint \"/kapacitor/v1/tasks\""} 403`,
    ])
    expect(shown.match(/^ \d+$/gm)).toEqual([' 200', ' 403', ' 403'])
  })
})
