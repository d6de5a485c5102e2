// The built program in front of a real InfluxDB: every recorded case, explanations, logs and metrics.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Influxd, isInfluxdMissing, startInfluxd } from '../support/influxd.js'
import { type Program, start, temporaryDirectory } from '../support/program.js'
import { startRecordingUpstream } from '../support/recording-upstream.js'
import { basic } from '../support/servers.js'
import { until } from '../support/until.js'

describe.skipIf(isInfluxdMissing())('kapacitor-auth serve', () => {
  const directory = temporaryDirectory()
  const at = (name: string) => join(directory.path, name)
  let influxd: Influxd
  let program: Program
  let url: string
  let admin: string

  beforeAll(async () => {
    influxd = await startInfluxd()
    writeFileSync(at('kapacitor.conf'), `
[http]
bind-address = "127.0.0.1:0"
[gateway]
influxdb-url = "${influxd.url}"
[meta]
http-bind-address = "127.0.0.1:0"
dir = "${at('meta')}"
bcrypt-cost = 4
first-admin = "query"
[sample]
dir = "${at('sample')}"
[admin]
bind-address = "127.0.0.1:0"
[audit]
enabled = true
path = "${at('audit.log')}"
`, { mode: 0o600 })
    writeFileSync(at('influxdb.conf'), `[http]\nbind-address = "127.0.0.1:0"\naccess-log-path = "${at('access.log')}"\n`)
    program = start(['serve', '--config', at('kapacitor.conf'), '--influxdb-config', at('influxdb.conf')])
    url = (await program.until(/InfluxDB API +(\S+)/))[1] ?? ''
    admin = (await program.until(/admin +(\S+)/))[1] ?? ''
  })

  afterAll(async () => {
    program?.child.kill('SIGTERM')
    await program?.end()
    await influxd?.close()
    directory.remove()
  })

  async function query(q: string, who?: string, db = '') {
    const [name = '', password = ''] = who?.split(':') ?? []
    const answer = await fetch(`${url}/query?db=${db}`, { method: 'POST', body: new URLSearchParams({ q }), headers: who ? { authorization: basic(name, password) } : {} })
    return [answer.status, await answer.json()]
  }

  test('the first administrator, users, grants, and what they let through', async () => {
    const OK = [200, { results: [{ statement_id: 0 }] }]
    expect(await query("CREATE USER admin WITH PASSWORD 'adminpw' WITH ALL PRIVILEGES")).toEqual(OK)
    for (const q of ['CREATE DATABASE "NOAA_water_database"', "CREATE USER todd WITH PASSWORD 'influxdb4ever'", 'GRANT READ ON "NOAA_water_database" TO "todd"']) {
      expect(await query(q, 'admin:adminpw')).toEqual(OK)
    }
    expect((await fetch(`${url}/write?db=NOAA_water_database&u=admin&p=adminpw`, { method: 'POST', body: 'h2o_feet level=1 1' })).status).toBe(204)
    expect(await query('SELECT * FROM h2o_feet LIMIT 3', 'todd:influxdb4ever', 'NOAA_water_database')).toMatchObject([200, { results: [{ series: [{ name: 'h2o_feet' }] }] }])
    expect(await query('SHOW USERS', 'todd:influxdb4ever')).toEqual([403, { error: "error authorizing query: todd not authorized to execute statement 'SHOW USERS', requires admin privilege" }])
    expect((await fetch(`${url}/write?db=NOAA_water_database&u=todd&p=influxdb4ever`, { method: 'POST', body: 'x v=1' })).status).toBe(403)
  })

  test('a password is set, and the old one is gone', async () => {
    expect(await query("SET PASSWORD FOR todd = 'a new secret'", 'admin:adminpw')).toEqual([200, { results: [{ statement_id: 0 }] }])
    expect((await query('SHOW DATABASES', 'todd:influxdb4ever'))[0]).toBe(401)
    expect((await query('SHOW DATABASES', 'todd:a new secret'))[0]).toBe(200)
  })

  test.each([
    // query                                          db                      code  says
    ['SELECT * FROM h2o_feet',                        'NOAA_water_database',  0,    /todd may POST \/query\n +runs +SELECT \* FROM h2o_feet\n +needs +read on \/database\/NOAA_water_database_clean\n +holds +read on .*\n +read by ReadData on database NOAA_water_database, granted to the user/],
    ['DELETE FROM x',                                 'NOAA_water_database',  2,    /todd may not POST \/query\n +refused +error authorizing query: todd not authorized .*\n +runs +DELETE FROM x\n +needs +write on/],
    ["SHOW DATABASES; CREATE USER a WITH PASSWORD 'secret1'", '',             2,    /runs +SHOW DATABASES\n +needs +no privilege\n +runs +CREATE USER a WITH PASSWORD \[REDACTED\]\n +needs +an administrator, which they are not/],
    ["SET PASSWORD FOR todd = 'another'",             '',                     0,    /todd may POST/],
  ])('explain %s', async (q, db, code, says) => {
    const explain = start(['explain', '--user', 'todd', '--db', db, '--query', q, '--admin-addr', new URL(admin).host])
    expect(await explain.end()).toBe(code)
    expect(explain.stdout()).toMatch(says)
    expect(explain.stdout()).not.toContain('secret1')
  })

  test('logs name door, statements and databases, never values; metrics have a door', async () => {
    const audit = readFileSync(at('audit.log'), 'utf8').trim().split('\n').map((line) => JSON.parse(line))
    expect(audit).toContainEqual(expect.objectContaining({ event: 'decision', outcome: 'refused', door: 'influxdb', user: 'todd', statements: ['SHOW USERS'] }))
    expect(audit).toContainEqual(expect.objectContaining({ event: 'decision', outcome: 'allowed', door: 'influxdb', statements: ['SELECT'], databases: ['NOAA_water_database'] }))
    expect(audit).toContainEqual(expect.objectContaining({ event: 'change', outcome: 'made', door: 'influxdb', user: 'admin', change: 'add-permissions', name: 'todd', after: { permissions: { NOAA_water_database: ['ReadData'] } } }))
    expect(audit).toContainEqual(expect.objectContaining({ event: 'change', outcome: 'made', change: 'change-password', name: 'todd' }))
    const access = readFileSync(at('access.log'), 'utf8')
    expect(access).toMatch(/"door":"influxdb".*"statements":\["SELECT"\],"databases":\["NOAA_water_database"\]/)
    const all = JSON.stringify(audit) + access + program.stdout() + program.stderr()
    for (const secret of ['a new secret', 'influxdb4ever', 'adminpw', 'secret1', 'h2o_feet']) expect(all).not.toContain(secret)
    expect(await (await fetch(`${admin}/metrics`)).text()).toMatch(/kapacitor_auth_requests_total\{door="influxdb"/)
  })
})

describe('by several processes', () => {
  test('a change in one counts in all, as soon as they have heard of it', async () => {
    const directory = temporaryDirectory()
    const upstream = await startRecordingUpstream({ answer: () => 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n{}\n' })
    const program = start(['serve', '--data-dir', directory.path], {
      KAPACITOR_HTTP_BIND_ADDRESS: '127.0.0.1:0',
      KAPACITOR_HTTP_WORKERS: '2',
      KAPACITOR_HTTP_LOG_ENABLED: 'false',
      KAPACITOR_GATEWAY_KAPACITOR_URL: upstream.url,
      KAPACITOR_GATEWAY_INFLUXDB_URL: upstream.url,
      KAPACITOR_META_HTTP_BIND_ADDRESS: '127.0.0.1:0',
      KAPACITOR_META_BCRYPT_COST: '4',
      KAPACITOR_META_FIRST_ADMIN: 'query',
      INFLUXDB_HTTP_BIND_ADDRESS: '127.0.0.1:0',
      INFLUXDB_HTTP_LOG_ENABLED: 'false',
    })
    try {
      const [, url = ''] = await program.until(/InfluxDB API +(\S+)/)
      /** On a connection of its own: any process may take it. */
      const query = async (q: string, who?: string) => {
        const [name = '', password = ''] = who?.split(':') ?? []
        const answer = await fetch(`${url}/query`, { method: 'POST', body: new URLSearchParams({ q, db: 'db1' }), headers: { connection: 'close', ...(who && { authorization: basic(name, password) }) } })
        await answer.text()
        return answer.status
      }
      /** Until all of eight are answered so. */
      const eight = (q: string, who: string, status: number) =>
        until(async () => (await Promise.all(Array.from({ length: 8 }, () => query(q, who)))).every((one) => one === status))
      expect(await query("CREATE USER admin WITH PASSWORD 'adminpw' WITH ALL PRIVILEGES")).toBe(200)
      await eight('SHOW USERS', 'admin:adminpw', 200)
      expect(await query("CREATE USER ann WITH PASSWORD 'annpw'", 'admin:adminpw')).toBe(200)
      await eight('SELECT * FROM m', 'ann:annpw', 403)
      expect(await query('GRANT ALL TO ann', 'admin:adminpw')).toBe(200)
      await eight('SELECT * FROM m', 'ann:annpw', 200)
      expect(await query("SET PASSWORD FOR ann = 'another'", 'admin:adminpw')).toBe(200)
      await eight('SELECT * FROM m', 'ann:annpw', 401)
      await eight('SELECT * FROM m', 'ann:another', 200)
      expect(await query('DROP USER ann', 'admin:adminpw')).toBe(200)
      await eight('SELECT * FROM m', 'ann:another', 401)
    } finally {
      program.child.kill('SIGTERM')
      await program.end()
      await upstream.close()
      directory.remove()
    }
  })
})
