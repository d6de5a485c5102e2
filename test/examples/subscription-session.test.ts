// C1: the subscription that docs/kapacitor.md prints brings InfluxDB's points through the gateway, with a real InfluxDB.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { has } from '../support/daemons.js'
import { type Influxd, startInfluxd } from '../support/influxd.js'
import { type Program, start, temporaryDirectory } from '../support/program.js'
import { basic, startServer, type TestServer } from '../support/servers.js'
import { until } from '../support/until.js'

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../docs/kapacitor.md'), 'utf8')
const CREATE = /^ *(CREATE SUBSCRIPTION .*)$/m.exec(DOCUMENT)?.[1] ?? ''
const PASSWORD = 'the admin password'
const WRITER = 'pw of writer'

describe.skipIf(!has('influxd', 'influx'))('C1: a subscription through the gateway', () => {
  const directory = temporaryDirectory()
  const seen: string[] = []
  let kapacitor: TestServer
  let influxd: Influxd
  let program: Program
  let gateway: URL

  beforeAll(async () => {
    kapacitor = await startServer(async (req, res) => {
      let points = ''
      for await (const chunk of req) points += chunk
      seen.push(`${req.method} ${req.url?.split('?')[0]} ${req.headers['x-forwarded-user']} ${req.headers.authorization} ${points.replace(/ \d+\n$/, '')}`)
      res.writeHead(204).end()
    })
    influxd = await startInfluxd('', { subscriber: true })
    program = start(['serve', '--config', '/dev/null', '--data-dir', directory.path], {
      KAPACITOR_GATEWAY_KAPACITOR_URL: kapacitor.url, KAPACITOR_META_ADMIN_PASSWORD: PASSWORD, KAPACITOR_META_BCRYPT_COST: '4',
      KAPACITOR_HTTP_BIND_ADDRESS: '127.0.0.1:0', KAPACITOR_META_HTTP_BIND_ADDRESS: '127.0.0.1:0', KAPACITOR_ADMIN_READINESS_NEEDS_UPSTREAM: 'false',
    })
    const meta = (await program.until(/meta node +(http:\S+) /))[1] as string
    gateway = new URL((await program.until(/Kapacitor API +(http:\S+) /))[1] as string)
    for (const body of [
      { action: 'create', user: { name: 'writer', password: WRITER } },
      { action: 'add-permissions', user: { name: 'writer', permissions: { telegraf: ['WriteData'] } } },
    ]) {
      const { status } = await fetch(`${meta}/user`, { method: 'POST', headers: { authorization: basic('admin', PASSWORD) }, body: JSON.stringify(body) })
      expect(status).toBe(200)
    }
  })

  afterAll(async () => {
    program?.child.kill()
    await program?.end()
    await influxd?.close()
    await kapacitor?.close()
    directory.remove()
  })

  const influx = (...args: string[]) => execFileSync('influx', ['-host', '127.0.0.1', '-port', new URL(influxd.url).port, ...args], { encoding: 'utf8' })

  test('points arrive, as from the user, and without the credentials', async () => {
    influx('-execute', 'CREATE DATABASE telegraf')
    influx('-execute', CREATE.replace('writer:pw@gateway:9092', `writer:${encodeURIComponent(WRITER)}@${gateway.host}`))
    const arrived = () => seen.filter((line) => line.includes('/write'))
    await until(() => {
      influx('-database', 'telegraf', '-execute', 'INSERT check v=1') // again, until InfluxDB has begun to serve it
      return arrived().length > 0
    })
    expect(new Set(arrived())).toEqual(new Set(['POST /write writer undefined check v=1']))
  })
})
