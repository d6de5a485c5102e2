import { afterEach, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { keepSubscriptions } from '../../src/serve/subscriptions/keep-subscriptions.js'
import { createLog } from '../support/meta-cluster.js'
import { startServer } from '../support/servers.js'
import { until } from '../support/until.js'

const ends: (() => unknown)[] = []
afterEach(async () => { for (const end of ends.splice(0).reverse()) await end() })

/** An InfluxDB without databases, and a keeper of its subscriptions. */
async function start() {
  let asked = 0
  const influxdb = await startServer((_req, res) => { asked++; res.end('{"results":[{"statement_id":0}]}') })
  ends.push(() => influxdb.close())
  const load = (keys: Record<string, string>) => loadConfig({
    file: false, env: {},
    overrides: { 'gateway.influxdb-url': influxdb.url, 'gateway.kapacitor-url': 'http://127.0.0.1:1', 'gateway.subscriptions': 'true', 'gateway.subscription-url': 'http://gateway:9092', 'gateway.subscriptions-sync-interval': '1s', ...keys },
  })
  const none = async () => { throw new Error('not expected') }
  const kept = keepSubscriptions(load({}), { list: async () => [], find: async () => undefined, create: none, revoke: none }, createLog())
  ends.push(() => kept.close())
  const isReady = () => kept.parts().map(({ ready }) => ready)
  await until(() => isReady()[0] === true)
  return { kept, load, isReady, asked: () => asked }
}

test.each(['once', 'twice'])('13: a configuration that cannot be used is refused %s, and the keeper of the one before goes on', async (times) => {
  const { kept, load, isReady, asked } = await start()
  const broken = load({ 'gateway.influxdb-ca': '/nowhere/ca.pem', 'gateway.influxdb-url': 'https://127.0.0.1:1' })
  for (let i = 0; i < (times === 'once' ? 1 : 2); i++) await expect(kept.use(broken)).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' })
  expect(isReady()).toEqual([true])
  const before = asked()
  await until(() => asked() > before)
})

test('subscriptions that are turned off are kept no more, and are again when they are turned on', async () => {
  const { kept, load, isReady } = await start()
  await kept.use(load({ 'gateway.subscriptions': 'false' }))
  expect(isReady()).toEqual([])
  await kept.use(load({}))
  await until(() => isReady()[0] === true)
})
