// One user at both APIs, as an operator sets them up: the commands with InfluxDB's own tools, and what each of them prints.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isInfluxdMissing } from '../support/influxd.js'
import { ADMIN_PASSWORD, type InfluxdbProgram, startInfluxdbProgram } from '../support/influxdb-program.js'
import { basic } from '../support/servers.js'

describe.skipIf(isInfluxdMissing())('todd', () => {
  let world: InfluxdbProgram

  beforeAll(async () => {
    world = await startInfluxdbProgram()
    await influx('CREATE DATABASE "NOAA_water_database"')
    const points = ['h2o_feet,location=coyote_creek level=8.12 1', 'h2o_feet,location=santa_monica level=2.064 1', 'h2o_feet,location=coyote_creek level=8.005 2', 'h2o_feet,location=santa_monica level=2.116 2'].join('\n')
    const answer = await fetch(`${world.url}/write?db=NOAA_water_database`, { method: 'POST', body: points, headers: { authorization: basic('admin', ADMIN_PASSWORD) } })
    expect(answer.status).toBe(204)
  })

  afterAll(() => world?.end())

  const influx = (execute: string) => world.run('influx', ['-host', '127.0.0.1', '-port', world.port, '-username', 'admin', '-password', ADMIN_PASSWORD, '-execute', execute])
  /** The body, and the status on a line of its own. */
  const curl = async (...args: string[]) => (await world.run('curl', ['-s', '-w', '%{http_code}', ...args])).stdout
  const host = () => `127.0.0.1:${world.port}`

  test('is created, is granted READ, and then may do this and not that at both APIs', async () => {
    expect(await influx("CREATE USER todd WITH PASSWORD 'influxdb4ever'")).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await influx('GRANT READ ON "NOAA_water_database" TO "todd"')).toEqual({ code: 0, stdout: '', stderr: '' })

    expect(await curl('-G', `${host()}/query`, '-u', 'todd:influxdb4ever', '--data-urlencode', 'db=NOAA_water_database', '--data-urlencode', 'q=SELECT * FROM h2o_feet LIMIT 3')).toBe(
      '{"results":[{"statement_id":0,"series":[{"name":"h2o_feet","columns":["time","level","location"],"values":[' +
      '["1970-01-01T00:00:00.000000001Z",8.12,"coyote_creek"],["1970-01-01T00:00:00.000000001Z",2.064,"santa_monica"],["1970-01-01T00:00:00.000000002Z",8.005,"coyote_creek"]]}]}]}\n200')
    expect(await curl('-G', `${host()}/query`, '-u', 'todd:influxdb4ever', '--data-urlencode', 'q=SHOW USERS')).toBe(
      `{"error":"error authorizing query: todd not authorized to execute statement 'SHOW USERS', requires admin privilege"}\n403`)
    expect(await curl('-XPOST', `${host()}/write?db=NOAA_water_database&u=todd&p=influxdb4ever`, '--data-binary', 'x v=1')).toBe(
      '{"error":"\\"todd\\" user is not authorized to write to database \\"NOAA_water_database\\""}\n403')

    const { code, stdout } = await world.cli('user', 'show', 'todd')
    expect([code, stdout]).toEqual([0, expect.stringMatching(/NOAA_water_database.*ReadData/s)])
  })

  test('is the same at the Kapacitor API: 401, 403 and 200, by the permissions that they have there', async () => {
    const tasks = async (who: string, method = 'GET') => (await fetch(`${world.kapacitor}/kapacitor/v1/tasks`, { method, headers: { authorization: basic(...(who.split(/:(.*)/s) as [string, string])) } })).status
    expect([await tasks('todd:wrong'), await tasks('todd:influxdb4ever')]).toEqual([401, 403])
    expect(await world.cli('user', 'grant', 'todd', 'KapacitorAPI')).toMatchObject({ code: 0, stderr: '' })
    expect([await tasks('todd:wrong'), await tasks('todd:influxdb4ever')]).toEqual([401, 200])

    expect((await influx("SET PASSWORD FOR todd = 'a new one'")).code).toBe(0)
    expect([await tasks('todd:influxdb4ever'), await tasks('todd:a new one')]).toEqual([401, 200])
    expect((await influx('DROP USER todd')).code).toBe(0)
    expect(await tasks('todd:a new one')).toBe(401)
    expect(await curl('-G', `${host()}/query`, '-u', 'todd:a new one', '--data-urlencode', 'q=SHOW DATABASES')).toBe('{"error":"authorization failed"}\n401')
  })
})
