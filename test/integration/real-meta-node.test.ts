import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Config } from '../../src/config/config.js'
import { loadConfig } from '../../src/config/load-config.js'
import { createMetaClient, type MetaClient } from '../../src/meta-client/client.js'
import { metaClientOptions } from '../../src/meta-client/from-config.js'
import { startMetaNode } from '../../src/serve/meta-node/embedded-meta-node.js'
import { serve } from '../../src/serve/serve.js'
import { metaClientContract, SEED } from '../contract/meta-client-contract.js'
import { makeCertificates } from '../support/certificates.js'
import { temporaryDirectory } from '../support/program.js'
import { basic } from '../support/servers.js'

const certificates = await makeCertificates()
const directory = temporaryDirectory()
const file = (name: string, pem: string) => {
  const path = join(directory.path, name)
  writeFileSync(path, pem, { mode: 0o600 })
  return path
}
const PEM = {
  ca: file('ca.pem', certificates.ca),
  otherCa: file('other-ca.pem', certificates.otherCa),
  cert: file('server.pem', certificates.server.cert),
  key: file('server-key.pem', certificates.server.key),
  clientCert: file('client.pem', certificates.client.cert),
  clientKey: file('client-key.pem', certificates.client.key),
}
const SECRET = 'an internal secret of the test, long enough'
const quiet = { info: () => {}, warn: () => {}, error: () => {} }

afterAll(() => directory.remove())

let started = 0
const nodeConfig = (overrides: Record<string, string>): Config =>
  loadConfig({
    file: false,
    env: {},
    overrides: {
      'meta.http-bind-address': '127.0.0.1:0',
      'meta.dir': join(directory.path, `meta-${started++}`),
      'meta.admin-password': 'the admin password',
      'meta.bcrypt-cost': '4',
      ...overrides,
    },
  })

const TLS = {
  'meta.https-enabled': 'true',
  'meta.https-certificate': PEM.cert,
  'meta.https-private-key': PEM.key,
  'meta.https-client-ca': PEM.ca,
}
const CLIENT_TLS = {
  'auth.meta-use-tls': 'true',
  'auth.meta-ca': PEM.ca,
  'auth.meta-cert': PEM.clientCert,
  'auth.meta-key': PEM.clientKey,
}
const AS_ADMIN = { 'auth.meta-username': 'admin', 'auth.meta-password': 'the admin password' }

/** A meta node of ours with the seed in it, and a client made by configuration. */
async function start(node: Record<string, string>, client: Record<string, string>) {
  const running = await startMetaNode(nodeConfig(node), quiet)
  await running.makeFirstAdmin(async () => {})
  const { host } = new URL(running.listening.url)
  const asking = (overrides: Record<string, string>): MetaClient =>
    createMetaClient(metaClientOptions(loadConfig({ file: false, env: {}, overrides: { 'auth.meta-addr': host, ...overrides } }).auth))
  return { client: asking(client), asking, close: () => running.close(), host, running }
}

async function seed(url: string, fetching: typeof fetch = fetch) {
  const { user, role } = SEED
  const post = async (path: string, body: object) => {
    const answer = await fetching(url + path, { method: 'POST', body: JSON.stringify(body), headers: { authorization: basic('admin', 'the admin password') } })
    expect(`${path} ${answer.status} ${await answer.text()}`).toBe(`${path} 200 `)
  }
  await post('/user', { action: 'create', user: { name: user.name, password: user.password } })
  await post('/user', { action: 'add-permissions', user: { name: user.name, permissions: user.permissions } })
  await post('/role', { action: 'create', role: { name: role.name } })
  await post('/role', { action: 'add-permissions', role: { name: role.name, permissions: role.permissions } })
  await post('/role', { action: 'add-users', role: { name: role.name, users: role.users } })
}

const touching = (url: string, fetching: typeof fetch = fetch) => async (name: string) => {
  const body = JSON.stringify({ action: 'add-permissions', user: { name, permissions: { other: ['ReadData'] } } })
  await (await fetching(`${url}/user`, { method: 'POST', body, headers: { authorization: basic('admin', 'the admin password') } })).text()
}

metaClientContract('our meta node as its administrator', async () => {
  const harness = await start({}, AS_ADMIN)
  await seed(harness.running.listening.url)
  return { ...harness, touch: touching(harness.running.listening.url) }
})

metaClientContract('our meta node as another node of its cluster', async () => {
  const harness = await start({ 'meta.internal-shared-secret': SECRET }, { 'auth.meta-internal-shared-secret': SECRET })
  await seed(harness.running.listening.url)
  return { ...harness, touch: touching(harness.running.listening.url) }
})

metaClientContract('our meta node over TLS, with client certificates', async () => {
  const harness = await start(TLS, { ...CLIENT_TLS, ...AS_ADMIN })
  await seed(harness.running.listening.url, overTls)
  return { ...harness, touch: touching(harness.running.listening.url, overTls) }
})

describe('TLS to our meta node: what does not fit is 503, never a pass', () => {
  test.each<[string, Record<string, string>]>([
    ['another CA',                 { ...CLIENT_TLS, 'auth.meta-ca': PEM.otherCa }],
    ['no client certificate',      { 'auth.meta-use-tls': 'true', 'auth.meta-ca': PEM.ca }],
    ['no TLS at all',              {}],
  ])('%s', async (_says, overrides) => {
    const { asking, client, close } = await start(TLS, { ...CLIENT_TLS, ...AS_ADMIN })
    const stranger = asking({ ...overrides, ...AS_ADMIN, 'auth.meta-timeout': '500ms', 'auth.meta-attempt-timeout': '400ms' })
    await expect(stranger.user('admin')).rejects.toMatchObject({ status: 503 })
    expect((await client.user('admin'))?.name).toBe('admin')
    stranger.close()
    client.close()
    await close()
  })
})

test('a guarded API asks a meta node of ours over TLS, and a revocation there counts within the interval', async () => {
  const node = await start(TLS, { ...CLIENT_TLS, ...AS_ADMIN })
  await seed(node.running.listening.url, overTls)
  const overrides = { 'http.bind-address': '127.0.0.1:0', 'admin.bind-address': '127.0.0.1:0', 'sample.dir': join(directory.path, 'sample'), 'auth.meta-addr': node.host, 'auth.revalidate-interval': '100ms', 'auth.lookup-interval': '10ms', ...CLIENT_TLS, ...AS_ADMIN }
  const serving = await serve(loadConfig({ file: false, env: {}, overrides }), quiet)
  const tasks = async () => (await fetch(`${serving.api.url}/kapacitor/v1/tasks`, { headers: { authorization: basic('ann', SEED.user.password) } })).status
  expect(serving.metaNode).toBeUndefined()
  expect(await tasks()).toBe(200)
  await overTls(`${node.running.listening.url}/user`, { method: 'POST', body: JSON.stringify({ action: 'delete', user: { name: 'ann' } }), headers: { authorization: basic('admin', 'the admin password') } })
  await expect.poll(tasks).toBe(401)
  await serving.close()
  node.client.close()
  await node.close()
})

/** `fetch` with the client certificate. */
async function overTls(url: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const { request } = await import('node:https')
  return new Promise((resolve, reject) => {
    request(String(url), { method: init.method, headers: init.headers as Record<string, string>, ca: certificates.ca, cert: certificates.client.cert, key: certificates.client.key, agent: false }, (res) => {
      let body = ''
      res.on('data', (chunk) => { body += chunk }).on('end', () => resolve(new Response(body, { status: res.statusCode ?? 0 })))
    }).on('error', reject).end(init.body)
  })
}
