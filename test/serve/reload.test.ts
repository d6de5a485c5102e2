import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { serve } from '../../src/serve/serve.js'
import { signToken } from '../../src/token/sign-token.js'
import { makeCertificates } from '../support/certificates.js'
import { quickHash } from '../support/fixed-hasher.js'
import { freePort } from '../support/free-ports.js'
import { keptTime } from '../support/kept-time.js'
import { createLog } from '../support/meta-cluster.js'
import { temporaryDirectory } from '../support/program.js'
import { basic, startServer } from '../support/servers.js'
import { startStandInMetaNode } from '../support/stand-in-meta-node.js'
import { until } from '../support/until.js'

const TASKS = '/kapacitor/v1/tasks'
const ends: (() => unknown)[] = []
let directory: ReturnType<typeof temporaryDirectory>
beforeEach(() => { directory = temporaryDirectory() })
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  directory.remove()
})

type Keys = Record<string, string>

function load(keys: Keys) {
  const overrides = {
    'http.bind-address': '127.0.0.1:0',
    'http.log-enabled': 'false',
    'meta.http-bind-address': '127.0.0.1:0',
    'meta.dir': join(directory.path, 'meta'),
    'meta.bcrypt-cost': '4',
    'meta.admin-password': 'the admin password',
    'admin.bind-address': '127.0.0.1:0',
    'sample.dir': directory.path,
    ...keys,
  }
  return loadConfig({ file: false, env: {}, overrides })
}

async function start(keys: Keys, options: Parameters<typeof serve>[2] = {}) {
  const log = createLog()
  const serving = await serve(load(keys), log, options)
  let closed: Promise<void> | undefined
  const close = () => { closed ??= serving.close(); return closed }
  ends.push(close)
  return {
    log,
    serving,
    close,
    reload: (next: Keys) => serving.reload(load(next)),
    status: async (authorization?: string) => (await fetch(serving.api.url + TASKS, { headers: { ...(authorization && { authorization }), connection: 'close' } })).status,
    readiness: async () => {
      const answer = await fetch(`${serving.admin?.url}/readyz`)
      const { parts } = await answer.json() as { parts: { name: string; ready: boolean; reason?: string }[] }
      return { status: answer.status, part: (name: string) => parts.find((part) => part.name === name) }
    },
  }
}

const ADMIN = basic('admin', 'the admin password')
const ann = { name: 'ann', hash: quickHash('apw'), permissions: { '': ['KapacitorAPI'] } }

describe('A2: what waits for a restart keeps its old value in every part of the program', () => {
  test('meta-addr: who was asked is asked on, with the same credentials, and nobody else', async () => {
    const meta = await startStandInMetaNode([ann, { ...ann, name: 'bob' }])
    ends.push(() => meta.close())
    const authorizations: unknown[] = []
    meta.server.prependListener('request', ({ headers }) => authorizations.push(headers.authorization))
    const remote: Keys = { 'auth.meta-addr': `127.0.0.1:${meta.port}`, 'auth.meta-username': 'reader', 'auth.meta-password': 'rpw', 'auth.meta-push': 'false' }
    const { reload, status } = await start(remote)
    expect(await status(basic('ann', 'apw'))).toBe(200)
    expect(await reload({ 'auth.meta-push': 'false', 'auth.cache-size': '7' })).toEqual(['auth.meta-addr', 'auth.meta-username', 'auth.meta-password'])
    expect(await status(basic('bob', 'apw'))).toBe(200)
    expect(await status(basic('bob', 'wrong'))).toBe(401)
    expect(new Set(authorizations)).toEqual(new Set([basic('reader', 'rpw')]))
    expect(await reload(remote)).toEqual([])
  })

  test('and the other way round: the embedded meta node is asked on', async () => {
    const meta = await startStandInMetaNode([ann])
    ends.push(() => meta.close())
    const { reload, status } = await start({})
    expect(await reload({ 'auth.meta-addr': `127.0.0.1:${meta.port}` })).toEqual(['auth.meta-addr'])
    expect(await status(ADMIN)).toBe(200)
    expect(await status(basic('ann', 'apw'))).toBe(401)
    expect(meta.count).toEqual({})
  })
})

describe('the login', () => {
  const SECRETS = ['the first secret of the tests, 32 bytes', 'another secret of the tests, 32 bytes'] as const
  const bearer = async (secret: string) => `Bearer ${await signToken({ secret, username: 'admin', expiresAt: Date.now() + 600_000 })}`

  test('a shared secret that is rotated counts from the reload on, and the old one no more', async () => {
    const { reload, status } = await start({ 'http.shared-secret': SECRETS[0] })
    const statuses = async () => [await status(await bearer(SECRETS[0])), await status(await bearer(SECRETS[1]))]
    expect(await statuses()).toEqual([200, 401])
    await reload({ 'http.shared-secret': SECRETS[1] })
    expect(await statuses()).toEqual([401, 200])
    await reload({})
    expect(await statuses()).toEqual([401, 401])
  })

  test('A8: the certificate authority of the meta nodes is read again, though its key has not changed', () => keptTime(250, async (limit) => {
    const { ca, otherCa, server: pair } = await makeCertificates()
    const meta = createServer(pair, (req, res) => {
      res.end(JSON.stringify(req.url?.startsWith('/user') ? { users: [ann] } : {}))
    }).listen(0, '127.0.0.1')
    await until(() => meta.listening)
    ends.push(() => { meta.closeAllConnections(); meta.close() })
    const file = join(directory.path, 'ca.pem')
    writeFileSync(file, otherCa)
    const keys: Keys = { 'auth.meta-addr': `127.0.0.1:${(meta.address() as AddressInfo).port}`, 'auth.meta-use-tls': 'true', 'auth.meta-ca': file, 'auth.meta-push': 'false', 'auth.meta-timeout': `${2 * limit}ms`, 'auth.meta-attempt-timeout': `${limit}ms` }
    const { reload, status } = await start(keys)
    expect(await status(basic('ann', 'apw'))).toBe(503)
    await reload(keys)
    expect(await status(basic('ann', 'apw'))).toBe(503)
    writeFileSync(file, ca)
    await reload(keys)
    expect(await status(basic('ann', 'apw'))).toBe(200)
    writeFileSync(file, 'nothing of the kind')
    await expect(reload(keys)).rejects.toThrow('ca.pem')
    expect(await status(basic('ann', 'apw'))).toBe(200)
  }))
})

describe('B3: readiness', () => {
  test('not before the first administrator exists', async () => {
    const address = `127.0.0.1:${await freePort()}`
    const seen: unknown[] = []
    const { readiness } = await start({ 'admin.bind-address': address, 'meta.admin-password': '' }, {
      async announce() {
        const answer = await fetch(`http://${address}/readyz`)
        seen.push(answer.status, await answer.json())
      },
    })
    expect(seen[0]).toBe(503)
    expect(seen[1]).toMatchObject({ ready: false, parts: expect.arrayContaining([{ name: 'first administrator', ready: false, reason: 'is not created yet' }]) })
    await until(async () => (await readiness()).status === 200)
    expect((await readiness()).part('first administrator')).toBeUndefined()
  })

  test('not before a query has made the first administrator, where one is to make it', async () => {
    const upstream = await startServer((_req, res) => void res.writeHead(204).end())
    ends.push(() => upstream.close())
    const { readiness, serving } = await start({ 'meta.first-admin': 'query', 'meta.admin-password': '', 'gateway.influxdb-url': `http://127.0.0.1:${upstream.port}`, 'influxdb.bind-address': '127.0.0.1:0' })
    expect((await readiness()).part('first administrator')).toEqual({ name: 'first administrator', ready: false, reason: 'is not created yet' })
    expect((await readiness()).status).toBe(503)
    const query = new URLSearchParams({ q: "CREATE USER root WITH PASSWORD 'the root password' WITH ALL PRIVILEGES" })
    const influxdb = serving.api.doors.find(({ name }) => name === 'influxdb')
    expect((await fetch(`${influxdb?.url}/query`, { method: 'POST', body: query })).status).toBe(200)
    await until(async () => (await readiness()).status === 200)
    expect((await readiness()).part('first administrator')).toBeUndefined()
  })

  test('the upstream is a part of it, whose weight can be set', async () => {
    const upstream = await startServer((req, res) => void (req.url === '/kapacitor/v1/ping' && !req.headers.authorization ? res.writeHead(204).end() : res.destroy()), await freePort())
    ends.push(() => upstream.close())
    const keys: Keys = { 'gateway.kapacitor-url': upstream.url }
    const { readiness, reload } = await start(keys)
    await until(async () => (await readiness()).status === 200)
    expect((await readiness()).part('Kapacitor')).toEqual({ name: 'Kapacitor', ready: true })
    await upstream.close()
    const down = await readiness()
    expect(down.status).toBe(503)
    expect(down.part('Kapacitor')).toMatchObject({ ready: false, reason: expect.stringContaining('ECONNREFUSED') })
    expect(await reload({ ...keys, 'admin.readiness-needs-upstream': 'false' })).toEqual([])
    const shown = await readiness()
    expect(shown.status).toBe(200)
    expect(shown.part('Kapacitor')).toMatchObject({ ready: true, reason: expect.stringContaining('ECONNREFUSED') })
    await reload({})
    expect((await readiness()).part('Kapacitor')).toBeUndefined()
  })

  test('shutdown-delay: not ready, and still serving, before the port is closed', () => keptTime(1_000, async (limit) => {
    const { readiness, status, close, serving } = await start({ 'http.shutdown-delay': `${limit}ms` })
    await until(async () => (await readiness()).status === 200)
    const closed = close()
    const stopping = await readiness()
    expect(stopping.status).toBe(503)
    expect(stopping.part('server')).toEqual({ name: 'server', ready: false, reason: 'is stopping' })
    expect(await status(ADMIN)).toBe(200)
    await closed
    await expect(status(ADMIN)).rejects.toThrow()
    expect(serving.api.url).toMatch(/^http/)
  }))
})
