// `[gateway] subscriptions = true` with a real InfluxDB and a recording Kapacitor: what InfluxDB sends arrives, and once.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isInfluxdMissing } from '../support/influxd.js'
import { createSubscribed } from '../support/subscribed.js'
import { until } from '../support/until.js'

describe.skipIf(isInfluxdMissing())('subscriptions = true', () => {
  let world: Awaited<ReturnType<typeof createSubscribed>>
  let served: Awaited<ReturnType<typeof world.serve>>

  beforeAll(async () => {
    world = await createSubscribed('', 2)
    await world.query('CREATE DATABASE telegraf')
    served = await world.serve()
    await until(() => world.isServed('telegraf'))
  }, 60_000)

  afterAll(() => world?.end())

  test('a point that is written to InfluxDB arrives, as from the subscription, without its token', async () => {
    await world.write('telegraf', 0)
    await until(() => world.arrived.length > 0)
    const [{ user, ...point } = { user: '' }] = world.arrived
    expect(point).toEqual({ database: 'telegraf', policy: 'autogen', line: 'm v=0i 1000000000000000000' })
    expect(user).toMatch(/^_sub:/)
    console.log(served.program.stderr())
  }, 30_000)
})
