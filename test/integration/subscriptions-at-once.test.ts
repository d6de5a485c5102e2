// A database or retention policy that is made through the gateway has its subscription at once, by whichever worker it is made.
import { Agent, request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isInfluxdMissing } from '../support/influxd.js'
import { ADMIN, createSubscribed } from '../support/subscribed.js'
import { until } from '../support/until.js'

describe.skipIf(isInfluxdMissing()).each([1, 2])('with %d processes, and an hour from one look to the next', (workers) => {
  let world: Awaited<ReturnType<typeof createSubscribed>>
  let served: Awaited<ReturnType<typeof world.serve>>

  beforeAll(async () => {
    world = await createSubscribed('', workers)
    served = await world.serve({ KAPACITOR_GATEWAY_SUBSCRIPTIONS_SYNC_INTERVAL: '1h' })
    await until(async () => (await (await fetch(`${served.admin}/readyz`)).text()).includes('0 in InfluxDB'))
  }, 60_000)

  afterAll(() => world?.end())

  /** On a connection of its own, so that each worker gets some. */
  const through = (q: string) => new Promise<void>((resolve, reject) => {
    const out = request(`${served.influxdb}/query?q=${encodeURIComponent(q)}`, { method: 'POST', headers: { authorization: ADMIN }, agent: new Agent() }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk) => { text += chunk }).on('end', () => (text.includes('"error"') ? reject(new Error(text)) : resolve()))
    })
    out.on('error', reject).end()
  })
  const present = async () => (await world.subscriptions()).map(({ database, policy }) => `${database}.${policy}`).sort()

  test('each has its subscription at once', async () => {
    const made: string[] = []
    for (const name of ['a', 'b', 'c', 'd']) {
      await through(`CREATE DATABASE ${name}`)
      made.push(`${name}.autogen`)
      await until(async () => (await present()).join() === made.join())
    }
    await through('SHOW DATABASES; CREATE RETENTION POLICY week ON d DURATION 7d REPLICATION 1; SHOW DATABASES')
    await until(async () => (await present()).includes('d.week'))
    await through('DROP RETENTION POLICY week ON d; DROP DATABASE a')
    const kept = async () => (await (await fetch(`${served.admin}/metrics`)).text()).includes('kapacitor_auth_subscriptions 3\n')
    await until(kept)
    expect(await present()).toEqual(['b.autogen', 'c.autogen', 'd.autogen'])
  }, 60_000)

  test('points of a database with quotes, a dot and letters beyond ASCII in its name arrive', async () => {
    const name = `a "b'.c ü`
    await through(String.raw`CREATE DATABASE "a \"b'.c ü" WITH NAME "d.é"`)
    await until(async () => {
      await world.write(encodeURIComponent(name), 1) // again, until InfluxDB has begun to serve it
      return world.arrived.some(({ database }) => database === name)
    })
    expect(world.arrived.find(({ database }) => database === name)).toMatchObject({ policy: 'd.é', line: 'm v=1i 1000000000000000001', user: expect.stringMatching(/^_sub:/) })
  }, 60_000)
})
