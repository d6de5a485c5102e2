import type { ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { startInstance } from '../../src/serve/instance.js'
import { createLog } from '../support/meta-cluster.js'
import { temporaryDirectory } from '../support/program.js'
import { startServer } from '../support/servers.js'
import { until } from '../support/until.js'

const ends: (() => unknown)[] = []
afterEach(async () => { for (const end of ends.splice(0).reverse()) await end() })

test('whatever is reloaded, one stream of changes is open; and none at the end', async () => {
  const open = new Set<ServerResponse>()
  let opened = 0
  const meta = await startServer((req, res) => {
    if (!req.url?.startsWith('/changes')) {
      res.end('{}')
      return
    }
    opened++
    open.add(res)
    res.once('close', () => open.delete(res))
    res.writeHead(200, { 'content-type': 'text/event-stream' }).write('id: 1\ndata: {"users":[]}\n\n')
  })
  ends.push(() => meta.close())
  const { path, remove } = temporaryDirectory()
  ends.push(remove)
  const load = (overrides: Record<string, string> = {}) =>
    loadConfig({ file: false, env: {}, overrides: { 'auth.meta-addr': `127.0.0.1:${meta.port}`, 'http.bind-address': '127.0.0.1:0', 'sample.dir': path, ...overrides } })
  const instance = await startInstance(load(), { logger: createLog(), onPolicyChange: () => {} })
  await until(() => open.size === 1)
  await instance.reload(load({ 'http.max-body-size': '1234' })) // nothing of the login
  expect(opened).toBe(1)
  for (let i = 2; i < 5; i++) {
    await instance.reload(load({ 'auth.cache-size': String(i) }))
    await until(() => opened === i && open.size === 1)
  }
  await instance.reload(load({ 'auth.meta-push': 'false' }))
  await until(() => open.size === 0)
  await instance.reload(load())
  await until(() => open.size === 1)
  await instance.close()
  await until(() => open.size === 0)
})
