// Clients as they are out there, against a real InfluxDB behind the built program.
import { gzipSync } from 'node:zlib'
import { InfluxDB } from 'influx'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { isInfluxdMissing } from '../support/influxd.js'
import { ADMIN_PASSWORD, type InfluxdbProgram, startInfluxdbProgram } from '../support/influxdb-program.js'
import { TelegrafWriter } from '../support/telegraf-writer.js'

describe.skipIf(isInfluxdMissing())('with', () => {
  let world: InfluxdbProgram

  beforeAll(async () => { world = await startInfluxdbProgram() })
  afterAll(() => world?.end())

  const ADMIN = ['-username', 'admin', '-password', ADMIN_PASSWORD]

  /** The influx command line client. */
  const influx = (args: readonly string[], options?: Parameters<InfluxdbProgram['run']>[2]) => world.run('influx', ['-host', '127.0.0.1', '-port', world.port, ...args], options)
  const execute = (text: string, ...args: string[]) => influx([...(args.length > 0 ? args : ADMIN), '-execute', text])

  describe('the influx command line client', () => {
    beforeAll(async () => {
      expect(await execute('CREATE DATABASE cli')).toEqual({ code: 0, stdout: '', stderr: '' })
      await execute("CREATE USER ann WITH PASSWORD 'annpw'; GRANT READ ON cli TO ann")
    })

    test('users are created, granted and shown', async () => {
      expect(await execute("CREATE USER bob WITH PASSWORD 'it''s'", ...ADMIN)).toMatchObject({ code: 1 }) // InfluxQL escapes with a backslash
      expect(await execute("CREATE USER bob WITH PASSWORD 'it\\'s'")).toEqual({ code: 0, stdout: '', stderr: '' })
      expect(await execute('GRANT ALL ON cli TO bob')).toEqual({ code: 0, stdout: '', stderr: '' })
      expect((await execute('SHOW GRANTS FOR bob')).stdout).toMatch(/^database +privilege\n-+ +-+\ncli +ALL PRIVILEGES\n/)
      expect((await execute('SHOW USERS', ...ADMIN, '-format', 'csv')).stdout).toBe('user,admin\nadmin,true\nann,false\nbob,false\n')
      expect((await execute('SHOW GRANTS FOR ghost')).stderr + (await execute('SHOW GRANTS FOR ghost')).stdout).toContain('ERR: user not found')
      expect((await execute('SHOW DATABASES', '-username', 'bob', '-password', "it's")).stdout).toMatch(/^name: databases\nname\n----\ncli\n/)
    })

    test('several statements, some of them about users, run in order', async () => {
      const { code, stdout } = await execute('CREATE DATABASE several; SHOW GRANTS FOR ann; SHOW DATABASES; DROP DATABASE several; SHOW USERS', ...ADMIN, '-format', 'json')
      expect(code).toBe(0)
      const results = stdout.trim().split('\n').flatMap((line) => (JSON.parse(line) as { results: object[] }).results)
      expect(results).toMatchObject([{}, { series: [{ values: [['cli', 'READ']] }] }, { series: [{ name: 'databases' }] }, {}, { series: [{ columns: ['user', 'admin'] }] }])
    })

    test('points are inserted, and selected', async () => {
      expect(await execute('INSERT cpu,host=a value=1.5 1000', ...ADMIN, '-database', 'cli')).toMatchObject({ code: 0, stdout: '' })
      expect((await execute('SELECT * FROM cpu', '-username', 'ann', '-password', 'annpw', '-database', 'cli', '-precision', 'ns', '-format', 'csv')).stdout).toBe('name,time,host,value\ncpu,1000,a,1.5\n')
      const refused = await execute('INSERT cpu,host=a value=2', '-username', 'ann', '-password', 'annpw', '-database', 'cli')
      expect(refused.stdout + refused.stderr).toContain('ERR: {"error":"\\"ann\\" user is not authorized to write to database \\"cli\\""}')
    })

    test.each<[string, string[], Record<string, string>, number, RegExp]>([
      // says                    flags                                           environment                                                code  prints
      ['the environment',         [],                                             { INFLUX_USERNAME: 'ann', INFLUX_PASSWORD: 'annpw' },        0,    /cli/],
      ['flags, which win',        ['-username', 'ann', '-password', 'annpw'],     { INFLUX_USERNAME: 'x', INFLUX_PASSWORD: 'y' },              0,    /cli/],
      ['a wrong password',        ['-username', 'ann', '-password', 'wrong'],     {},                                                         1,    /ERR: authorization failed/],
      ['wrong in environment',    [],                                             { INFLUX_USERNAME: 'ann', INFLUX_PASSWORD: 'wrong' },        1,    /ERR: authorization failed/],
      ['an unknown user',         ['-username', 'ghost', '-password', 'annpw'],   {},                                                         1,    /ERR: authorization failed/],
      ['no credentials',          [],                                             {},                                                         1,    /ERR: unable to parse authentication credentials/],
    ])('credentials: %s', async (_says, flags, env, code, prints) => {
      const ran = await influx([...flags, '-execute', 'SHOW DATABASES'], { env })
      expect([ran.code, ran.stdout + ran.stderr]).toEqual([code, expect.stringMatching(prints)])
    })

    test('use: a database that there is, one that is not, and one that the user does not see', async () => {
      const use = async (name: string, ...args: string[]) => {
        const { stdout, stderr } = await execute(`use ${name}`, ...args)
        return stdout + stderr
      }
      expect(await use('cli', ...ADMIN)).toContain('Using database cli')
      expect(await use('nosuch', ...ADMIN)).toMatch(/nosuch doesn't exist/)
      await execute('CREATE DATABASE hidden')
      expect(await use('hidden', '-username', 'ann', '-password', 'annpw')).toMatch(/hidden doesn't exist/)
    })
  })

  describe('node-influx 5', () => {
    const client = (username?: string, password?: string) => new InfluxDB({ host: '127.0.0.1', port: Number(world.port), database: 'node', ...(username !== undefined && { username }), ...(password !== undefined && { password }) })
    let admin: InfluxDB

    beforeEach(() => { admin = client('admin', ADMIN_PASSWORD) })

    test('databases, users, privileges, points', async () => {
      await admin.createDatabase('node')
      expect(await admin.getDatabaseNames()).toContain('node')
      await admin.createUser('nina', 'ninapw')
      await admin.grantPrivilege('nina', 'WRITE', 'node')
      const nina = client('nina', 'ninapw')
      await nina.writePoints([{ measurement: 'm', tags: { host: 'a' }, fields: { v: 1.5 }, timestamp: new Date(1000) }])
      await expect(nina.query('select * from m')).rejects.toThrow(/nina not authorized to execute statement 'SELECT \* FROM m', requires READ on node/)
      await admin.grantPrivilege('nina', 'READ', 'node') // replaces WRITE
      expect((await nina.query<{ v: number }>('select * from m')).map(({ v }) => v)).toEqual([1.5])
      await expect(nina.writePoints([{ measurement: 'm', fields: { v: 2 } }])).rejects.toThrow(/403|not authorized/)
      await admin.revokePrivilege('nina', 'READ', 'node')
      await expect(nina.query('select * from m')).rejects.toThrow(/not authorized/)
    })

    test('administrators, passwords, and the end of a user', async () => {
      await admin.createUser('nick', 'nickpw')
      await admin.grantAdminPrivilege('nick')
      expect(await client('nick', 'nickpw').getUsers()).toContainEqual({ user: 'nick', admin: true })
      await admin.revokeAdminPrivilege('nick')
      await expect(client('nick', 'nickpw').getUsers()).rejects.toThrow(/requires admin privilege/)
      await admin.setPassword('nick', 'another')
      await expect(client('nick', 'nickpw').getDatabaseNames()).rejects.toThrow(/401|authorization failed/)
      expect(await client('nick', 'another').getDatabaseNames()).not.toContain('node')
      await admin.dropUser('nick')
      await expect(client('nick', 'another').getDatabaseNames()).rejects.toThrow(/401|authorization failed/)
      await expect(admin.dropUser('nick')).rejects.toThrow('user not found')
    })

    test('without credentials of its own it sends root:root, which is refused; a ping is answered', async () => {
      await expect(client().getDatabaseNames()).rejects.toThrow(/401|authorization failed/)
      expect(await admin.ping(5000)).toMatchObject([{ online: true }])
      await expect(admin.createUser('x', 'a\\b')).rejects.toThrow(/error parsing query/) // it does not escape a backslash
    })
  })

  test('python3-influxdb: databases, users, privileges, points, a failed login', async () => {
    const { code, stdout, stderr } = await world.run('/usr/bin/python3', ['-c', PYTHON, world.port, ADMIN_PASSWORD])
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toEqual({
      users: true,
      grants: [{ database: 'py', privilege: 'READ' }],
      value: [1.5],
      chunked: 3,
      own: [{ name: 'py' }],
      write: [403, '{"error":"\\"pat\\" user is not authorized to write to database \\"py\\""}'],
      wrong: [401, '{"error":"authorization failed"}'],
      bound: [2.5],
      gone: 401,
    })
  })

  describe('a writer like Telegraf', () => {
    const POINTS = 'cpu,host=a usage=1 1000000000\ncpu,host=a usage=2 2000000000\n'

    beforeAll(async () => {
      await execute("CREATE USER telegraf WITH PASSWORD 'metricsmetricsmetrics'; CREATE USER agent WITH PASSWORD 'agentpw'")
    })

    test('an administrator creates the database first, and writes', async () => {
      const writer = new TelegrafWriter(world.url, 'root-telegraf', { authorization: `Basic ${Buffer.from(`admin:${ADMIN_PASSWORD}`).toString('base64')}` })
      expect(await writer.write(POINTS)).toEqual({ created: 'created', written: 'written' })
      expect((await execute('SELECT count(usage) FROM cpu', ...ADMIN, '-database', 'root-telegraf', '-format', 'csv')).stdout).toContain('cpu,0,2')
    })

    test('without an administrator it is told 403, warns, and writes to a database that there is', async () => {
      await execute('CREATE DATABASE telegraf; GRANT WRITE ON telegraf TO telegraf')
      const writer = new TelegrafWriter(world.url, 'telegraf', { authorization: 'Token telegraf:metricsmetricsmetrics' })
      expect(await writer.write(POINTS)).toEqual({ created: 'refused', written: 'written' })
      expect(await writer.write(POINTS)).toEqual({ created: 'refused', written: 'written' })
      expect((await execute('SELECT count(usage) FROM cpu', ...ADMIN, '-database', 'telegraf', '-format', 'csv')).stdout).toContain('cpu,0,2')
    })

    test.each<[string, string, string, object]>([
      // says                         database       authorization                                                       outcome
      ['a wrong password',            'telegraf',    'Token telegraf:wrong',                                             { created: 'refused', written: 'retried', error: 'authorization failed' }],
      ['no password',                 'telegraf',    'Token telegraf',                                                   { created: 'refused', written: 'retried', error: 'unable to parse authentication credentials' }],
      ['no privilege',                'telegraf',    'Token agent:agentpw',                                              { created: 'refused', written: 'retried', error: '"agent" user is not authorized to write to database "telegraf"' }],
      ['a database that is not there', 'nosuch',     'Token telegraf:metricsmetricsmetrics',                             { created: 'refused', written: 'retried', error: 'database not found: "nosuch"' }],
      ['READ alone',                  'readable',    `Basic ${Buffer.from('agent:agentpw').toString('base64')}`,         { created: 'refused', written: 'retried', error: '"agent" user is not authorized to write to database "readable"' }],
    ])('refused: %s', async (_says, database, authorization, outcome) => {
      await execute('CREATE DATABASE readable; GRANT READ ON readable TO agent')
      expect(await new TelegrafWriter(world.url, database, { authorization }).write(POINTS)).toEqual(outcome)
    })

    test('points that InfluxDB refuses are dropped, not sent again', async () => {
      const writer = new TelegrafWriter(world.url, 'telegraf', { authorization: 'Token telegraf:metricsmetricsmetrics' })
      expect(await writer.write('not a point\n')).toEqual({ created: 'refused', written: 'dropped', error: expect.stringContaining('unable to parse') })
    })

    test('a body that is not gzip though it says so is InfluxDB’s to refuse', async () => {
      const answer = await fetch(`${world.url}/write?db=telegraf`, { method: 'POST', body: gzipSync(POINTS).subarray(5), headers: { authorization: 'Token telegraf:metricsmetricsmetrics', 'content-encoding': 'gzip' } })
      expect(answer.status).toBe(400)
    })
  })
})

const PYTHON = `
import json, sys
from influxdb import InfluxDBClient
from influxdb.exceptions import InfluxDBClientError
port, password = int(sys.argv[1]), sys.argv[2]
connect = lambda user, password: InfluxDBClient('127.0.0.1', port, user, password, 'py')
def refusal(call):
    try:
        call()
    except InfluxDBClientError as error:
        return [error.code, error.content.strip()]
admin = connect('admin', password)
admin.create_database('py')
admin.create_user('pat', "pat's \\\\ \\"pw\\"".replace('\\\\', ''))
admin.grant_privilege('read', 'py', 'pat')
out = {}
out['users'] = {'user': 'pat', 'admin': False} in admin.get_list_users()
out['grants'] = admin.get_list_privileges('pat')
admin.write_points([{'measurement': 'm', 'tags': {'host': 'a'}, 'time': 1, 'fields': {'v': 1.5}}])
pat = connect('pat', "pat's  \\"pw\\"")
out['value'] = [point['v'] for point in pat.query('SELECT v FROM m').get_points()]
admin.write_points([{'measurement': 'n', 'time': i, 'fields': {'v': i + 0.5}} for i in range(3)])
as_json = InfluxDBClient('127.0.0.1', port, 'pat', "pat's  \\"pw\\"", 'py', headers={'Accept': 'application/json'}) # its chunks are JSON only
out['chunked'] = len([point for part in as_json.query('SELECT v FROM n', chunked=True, chunk_size=1) for point in part.get_points()])
out['own'] = pat.get_list_database()
out['write'] = refusal(lambda: pat.write_points([{'measurement': 'm', 'fields': {'v': 2.5}}]))
out['wrong'] = refusal(lambda: connect('pat', 'wrong').get_list_database())
out['bound'] = [point['v'] for point in pat.query('SELECT v FROM n WHERE v = $v', bind_params={'v': 2.5}).get_points()]
admin.set_user_password('pat', 'new')
admin.grant_admin_privileges('pat')
admin.revoke_admin_privileges('pat')
admin.revoke_privilege('read', 'py', 'pat')
admin.drop_user('pat')
out['gone'] = refusal(lambda: connect('pat', 'new').get_list_database())[0]
admin.drop_database('py')
print(json.dumps(out))
`
