// `[gateway] subscriptions = true` with a real InfluxDB and a recording Kapacitor: what InfluxDB sends arrives, and once.
// Only a rotation may send a point twice: the few that InfluxDB takes between making the new subscription and dropping the old.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isInfluxdMissing } from '../support/influxd.js'
import { basic } from '../support/servers.js'
import { ADMIN, createSubscribed, post } from '../support/subscribed.js'
import { until } from '../support/until.js'

const POINTS = 10_000

/** Nothing is asked for again by itself while a test runs: what is refused was reported. */
const PUSHED = { KAPACITOR_AUTH_REVALIDATE_INTERVAL: '10m' }

describe.skipIf(isInfluxdMissing())('subscriptions = true', () => {
  let world: Awaited<ReturnType<typeof createSubscribed>>
  let served: Awaited<ReturnType<typeof world.serve>>

  beforeAll(async () => {
    world = await createSubscribed('  subscriptions-exclude = { hand = ["autogen"] }', 2)
    await world.query('CREATE DATABASE telegraf')
    served = await world.serve(PUSHED)
    await until(() => world.isServed('telegraf'))
  })

  afterAll(() => world?.end())

  const pointOf = (line: string) => Number(/v=(\d+)i/.exec(line)?.[1])

  test('a point that is written to InfluxDB arrives, as from the subscription, without its token', async () => {
    await world.write('telegraf', 0)
    await until(() => world.arrived.length > 0)
    const [{ user, ...point } = { user: '' }] = world.arrived
    expect(point).toEqual({ database: 'telegraf', policy: 'autogen', line: 'm v=0i 1000000000000000000' })
    expect(user).toMatch(/^_sub:/)
    const [{ token } = { token: '' }] = await world.subscriptions()
    expect(token).toMatch(/^[0-9a-f]{64}$/)
    expect(served.program.stderr()).not.toContain(token)
  })

  test("SHOW SUBSCRIPTIONS and SHOW STATS through InfluxDB's door hide the token, in each format; CREATE SUBSCRIPTION passes", async () => {
    const [{ token, url } = { token: '', url: '' }] = await world.subscriptions()
    const through = (q: string, accept = 'application/json') => world.query(q, served.influxdb, { authorization: ADMIN, accept })
    const shown = await through('SHOW SUBSCRIPTIONS')
    expect(JSON.parse(shown.text).results[0].series[0].values[0][3]).toEqual([url.replace(token, '***')])
    expect((await through('SHOW STATS')).text).toContain(url.replace(token, '***'))
    for (const accept of ['application/json', 'application/csv', 'application/x-msgpack']) {
      for (const q of ['SHOW SUBSCRIPTIONS', 'SHOW STATS', "SHOW STATS FOR 'subscriber'", 'SHOW USERS; SHOW SUBSCRIPTIONS', 'SHOW SUBSCRIPTIONS; SHOW STATS']) {
        const { status, text } = await through(q, accept)
        expect([status, text.includes(token)], `${q} ${accept}`).toEqual([200, false])
      }
    }
    await through('CREATE DATABASE hand')
    await through(`CREATE SUBSCRIPTION hand ON hand.autogen DESTINATIONS ALL 'http://writer:the-secret@localhost:1', 'udp://localhost:2'`)
    expect(JSON.parse((await through('SHOW SUBSCRIPTIONS')).text).results[0].series.find(({ name }: { name: string }) => name === 'hand').values.find(([, name]: string[]) => name === 'hand'))
      .toEqual(['autogen', 'hand', 'ALL', ['http://writer:***@localhost:1', 'udp://localhost:2']])
    const created = await post(`${served.meta}/user`, JSON.stringify({ action: 'create', user: { name: 'ann', password: 'pw of ann' } }), { authorization: ADMIN })
    expect(created.status).toBe(200)
    const refused = await world.query(`CREATE SUBSCRIPTION s ON hand.autogen DESTINATIONS ALL 'http://writer:the-secret@x'`, served.influxdb, { authorization: basic('ann', 'pw of ann') })
    expect(refused).toMatchObject({ status: 403, text: expect.stringContaining('http://writer:***@x') })
    expect(served.program.stderr()).not.toMatch(new RegExp(`the-secret|${token}`))
    await through('DROP DATABASE hand')
  })

  test(`${POINTS} points over a rotation, a new database, a worker's death and a restart: what InfluxDB sent has arrived once`, async () => {
    world.arrived.length = 0
    const counted = await world.sent()
    let next = 1
    let databases: readonly string[] = ['telegraf']
    /** Writes up to a number, several at a time, while something else happens. */
    const writeUpTo = (end: number) => Promise.all(Array.from({ length: 8 }, async () => {
      while (next < end) {
        const value = next++
        expect(await world.write(databases[value % databases.length] as string, value)).toBe(204)
      }
    }))

    const arrivedValues = () => world.arrived.map(({ line }) => pointOf(line))
    const twice = () => {
      const seen = new Set<number>()
      return arrivedValues().filter((value) => seen.size === seen.add(value).size)
    }

    const [before] = await world.subscriptions()
    const id = await served.tokenOf('telegraf')
    await writeUpTo(POINTS * 0.05)
    const whileRotating = { from: next, to: Number.POSITIVE_INFINITY }
    const rotated = served.command('subscription', 'rotate', id, '--apply', '--grace', '5s').finally(() => { whileRotating.to = next })
    await writeUpTo(POINTS * 0.3)
    expect(await rotated).toMatchObject({ code: 0, stdout: '' })
    const [after] = await world.subscriptions()
    expect(after?.name).not.toBe(before?.name)
    expect(after?.token).not.toBe(before?.token)

    await world.isQuiet()
    expect([...new Set(arrivedValues())].sort((a, b) => a - b)).toEqual(Array.from({ length: next - 1 }, (_, i) => i + 1))
    // InfluxDB sends twice what it takes between its two statements, if there is anything
    const sentTwice = twice()
    expect(sentTwice.filter((value) => value < whileRotating.from || value > whileRotating.to)).toEqual([])
    expect(sentTwice.length).toBeLessThan((whileRotating.to - whileRotating.from) / 4)

    await world.query('CREATE DATABASE second')
    const begun = writeUpTo(POINTS * 0.6)
    await until(() => world.isServed('second'))
    databases = ['telegraf', 'second']
    await begun

    const dying = writeUpTo(POINTS * 0.8)
    process.kill(served.workers()[0] as number, 'SIGKILL')
    await dying

    const [old] = await world.subscriptions()
    const restarting = writeUpTo(POINTS * 0.9)
    await served.stop()
    served = await world.serve(PUSHED)
    await restarting
    await writeUpTo(POINTS)
    expect((await world.subscriptions())[0]?.token).toBe(old?.token)

    await world.isQuiet()
    const values = arrivedValues()
    expect(twice()).toEqual(sentTwice)
    // What was sent to a worker that died may have arrived, and was not answered
    expect(values.length).toBeGreaterThanOrEqual((await world.sent()) - counted)
    expect(values.length).toBeGreaterThan(POINTS / 2)
    expect(new Set(world.arrived.map(({ database }) => database))).toEqual(new Set(['telegraf', 'second']))
  }, 180_000)

  test('nothing is taken with a token soon after it was revoked; another one takes its place', async () => {
    const [{ token } = { token: '' }] = await world.subscriptions()
    const write = () => post(`${world.address}/write?db=telegraf&rp=autogen`, 'revoked v=1i', { authorization: basic('~subscriber', token) })
    expect((await write()).status).toBe(204)
    const id = await served.tokenOf('telegraf')
    await post(`${served.meta}/api/v0/subscriptions/${id}`, '', { authorization: ADMIN }, 'DELETE')
    const writeToBoth = async () => new Set((await Promise.all(Array.from({ length: 20 }, write))).map(({ status }) => status))
    await until(async () => !(await writeToBoth()).has(204)) // of both workers
    expect(await writeToBoth()).toEqual(new Set([401]))
    await until(async () => (await world.subscriptions())[0]?.token !== token)
    expect((await world.subscriptions()).filter(({ database }) => database === 'telegraf').length).toBe(1)
  })

  test('by hand: create, list, show, rotate and delete; printed, or run', async () => {
    await world.query('CREATE DATABASE hand')
    const command = (...args: string[]) => served.command('subscription', ...args)
    const printed = await command('create', 'hand', '--name', 'mine')
    const [, token = ''] = /^CREATE SUBSCRIPTION mine ON hand\.autogen DESTINATIONS ANY 'http:\/\/~subscriber:([0-9a-f]{64})@127\.0\.0\.1:\d+'\n$/.exec(printed.stdout) ?? []
    const [, id = ''] = /^token ([0-9a-f-]+) created; it is shown only now\n$/.exec(printed.stderr) ?? []
    expect([printed.code, token.length, id.length > 0]).toEqual([0, 64, true])
    await world.query(printed.stdout)
    const names = async () => (await world.subscriptions()).filter(({ database }) => database === 'hand').map(({ name }) => name).filter((name) => !name.startsWith('kapacitor-auth-'))
    expect(await names()).toEqual(['mine'])
    const listed = await command('list')
    expect(listed.stdout).toMatch(new RegExp(`^ID +DATABASE +POLICY +SUBSCRIPTION +LAST USED +STATE\n[\\s\\S]*${id} +hand +autogen +mine +never +valid\n`))
    expect((await command('list', '--json')).stdout + listed.stdout).not.toContain(token)
    expect((await command('show', id)).stdout).toMatch(/^id +[\s\S]*posts to +made by hand\n[\s\S]*last used +never\nstate +valid\n$/)

    const rotated = await command('rotate', id)
    expect(rotated.stdout).toMatch(/^CREATE SUBSCRIPTION "mine-2" ON hand\.autogen DESTINATIONS ANY '\S+'; DROP SUBSCRIPTION mine ON hand\.autogen\n$/)
    expect(rotated.stderr).toContain(`then run: kapacitor-auth subscription delete ${id} --yes\n`)
    await world.query(rotated.stdout)
    expect(await names()).toEqual(['mine-2'])
    expect(await command('delete', id)).toMatchObject({ code: 1, stdout: '', stderr: `kapacitor-auth: there is no terminal to ask on; to revoke subscription token ${id}, add --yes\n` })
    expect(await command('delete', id, '--yes')).toMatchObject({ code: 0, stdout: 'DROP SUBSCRIPTION mine ON hand.autogen\n', stderr: `token ${id} revoked\n` })

    expect(await command('create', 'hand', '--name', 'other', '--apply')).toMatchObject({ code: 0, stdout: '', stderr: 'subscription "other" created on hand.autogen\n' })
    expect(await command('create', 'hand', '--name', 'other', '--apply')).toMatchObject({ code: 1, stderr: expect.stringContaining('there is a subscription "other" already') })
    expect(await command('create', 'nowhere', '--apply')).toMatchObject({ code: 1, stderr: expect.stringMatching(/InfluxDB: database not found: nowhere; the new token [0-9a-f-]+ is revoked again\n$/) })
    expect(await command('create', 'telegraf', '--name', 'second')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^kapacitor-auth: the gateway at http:\S+ keeps a subscription of telegraf\.autogen itself, see \[gateway\] subscriptions: points would come twice\. Its token is [0-9a-f-]+\n$/) })
    expect(await command('create', 'hand', '--name', 'kapacitor-auth-x')).toMatchObject({ code: 1, stdout: '', stderr: 'kapacitor-auth: --name: names that begin with kapacitor-auth- are for the subscriptions that gateways keep\n' })
    expect(await command('create', 'hand')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^CREATE SUBSCRIPTION "by-hand-[0-9a-f]{8}-1" ON hand\.autogen /) })
    expect(await command('rotate', id, '--apply')).toMatchObject({ code: 1, stderr: expect.stringContaining('revoked already') })
    expect(await command('show', '0000000000000000')).toMatchObject({ code: 2, stderr: 'kapacitor-auth: subscription token 0000000000000000 not found\n' })
    expect(await command('create', 'hand', '--url', 'http://ann:pw@x:1')).toMatchObject({ code: 1, stderr: expect.not.stringContaining('pw@') })
    expect(await command('rotate', await served.tokenOf('telegraf'))).toMatchObject({ code: 1, stderr: expect.stringContaining('use --apply') })
    expect((await command('list', '--json')).stdout).toContain('"nowhere"') // made before InfluxDB refused it, and revoked
    await world.query('DROP DATABASE hand')
  })

  test('readyz and the metrics show the subscriptions, and a Kapacitor that still makes its own', async () => {
    const name = 'kapacitor-11111111-2222-3333-4444-555555555555'
    await world.query(`CREATE SUBSCRIPTION "${name}" ON "telegraf"."autogen" DESTINATIONS ANY 'http://127.0.0.1:1'`)
    const part = async () => {
      const { parts } = await (await fetch(`${served.admin}/readyz`)).json() as { parts: { name: string; ready: boolean; reason: string }[] }
      return parts.find((one) => one.name === 'subscriptions')
    }
    await until(async () => (await part())?.reason.includes(name) === true)
    expect(await part()).toMatchObject({ ready: true, reason: expect.stringMatching(/^2 in InfluxDB; Kapacitor has a subscription of its own, "kapacitor-1/) })
    expect(await (await fetch(`${served.admin}/metrics`)).text()).toMatch(/^kapacitor_auth_subscriptions 2$/m)
    await until(() => served.program.stderr().includes(`Kapacitor has a subscription of its own, \\"${name}\\" on telegraf.autogen`))
  })
})

test.skipIf(isInfluxdMissing())('several gateways of one meta node keep one subscription, and take its token', async () => {
  const world = await createSubscribed()
  try {
    await world.query('CREATE DATABASE telegraf')
    const env = { KAPACITOR_AUTH_META_ADDR: await world.serveMetaNode(), KAPACITOR_AUTH_META_USERNAME: 'admin', KAPACITOR_AUTH_META_PASSWORD: 'the admin password' }
    const served = await Promise.all([world.serve(env), world.serve({ ...env, KAPACITOR_HTTP_BIND_ADDRESS: '127.0.0.1:0' })])
    const reason = async ({ admin }: { admin: string }) => {
      const { parts } = await (await fetch(`${admin}/readyz`)).json() as { parts: { name: string; reason: string }[] }
      return parts.find((one) => one.name === 'subscriptions')?.reason
    }
    for (const one of served) await until(async () => await reason(one) === '1 in InfluxDB')
    expect(await world.subscriptions()).toMatchObject([{ database: 'telegraf', policy: 'autogen' }])
    await until(() => world.isServed('telegraf'))
    await world.write('telegraf', 1)
    await until(() => world.arrived.length > 0)
    expect(world.arrived).toMatchObject([{ database: 'telegraf', user: expect.stringMatching(/^_sub:/) }])
  } finally {
    await world.end()
  }
})
