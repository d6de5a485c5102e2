import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer as createTlsServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import { createEtcdClient } from '../../src/registry/etcd/etcd-client.js'
import type { EtcdOptions } from '../../src/registry/etcd/etcd-options.js'
import { openEtcdStore } from '../../src/registry/etcd/etcd-store.js'
import { LAYOUT, layoutText, writtenByNewer } from '../../src/registry/store/layout.js'
import type { Store } from '../../src/registry/store/store.js'
import { type Certificates, makeCertificates } from '../support/certificates.js'
import { has } from '../support/daemons.js'
import { type EtcdCluster, startEtcd } from '../support/etcd.js'
import { startServer } from '../support/servers.js'
import { openEtcd } from './etcd-bench.js'

const PASSWORD = 'c0rrect-h0rse'

async function refusal(options: EtcdOptions): Promise<AuthError> {
  try {
    await (await openEtcdStore({ timeout: 20_000, ...options })).close()
  } catch (error) {
    expect(error).toBeInstanceOf(AuthError)
    const { message } = error as AuthError
    expect(message).not.toContain('\n')
    expect(message).not.toContain(PASSWORD)
    return error as AuthError
  }
  throw new Error('it was opened')
}

const put = (store: Store, value: number) => store.change((d) => d.put(['n'], value))
const get = (store: Store) => store.read((s) => s.get(['n']))

test('nobody there is an error that names who was asked, and why it failed', async () => {
  const { code, message } = await refusal({ endpoints: ['127.0.0.1:1', '127.0.0.1:2'], timeout: 1_500 })
  expect(code).toBe('ERR_STORE_UNAVAILABLE')
  expect(message).toMatch(/^\[meta\] etcd-endpoints: etcd 3 cannot be reached, or has no quorum: no answer within 1500 ms: 127\.0\.0\.1:1: .*ECONNREFUSED.*; 127\.0\.0\.1:2: .*ECONNREFUSED/)
})

test.each<[string, number, string]>([
  ['a web server',                    404, 'not found'],
  ['an etcd that knows version 2 only', 200, '{"action":"get","node":{"dir":true}}'],
])('%s is not etcd 3', async (_says, status, body) => {
  const server = await startServer((_req, res) => { res.statusCode = status; res.end(body) })
  expect(await refusal({ endpoints: [`127.0.0.1:${server.port}`], timeout: 500 })).toMatchObject({
    code: 'ERR_STORE_UNAVAILABLE',
    message: expect.stringMatching(/^\[meta\] etcd-endpoints: etcd 3 cannot be reached/),
  })
  await server.close()
})

test('a server that accepts and says nothing is given up in time', async () => {
  const server = createServer((socket) => socket.on('error', () => {}))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as { port: number }
  expect((await refusal({ endpoints: [`127.0.0.1:${port}`], timeout: 500 })).code).toBe('ERR_STORE_UNAVAILABLE')
  server.close()
})

describe.skipIf(!has('etcd', 'etcdctl'))('with a real etcd,', () => {
  let cluster: EtcdCluster
  beforeAll(async () => { cluster = await startEtcd() })
  afterAll(() => cluster.close())

  test.each<[string, [string, string][], string]>([
    ["another program's keys",      [['cfg', 'x']],                                          'etcd has keys of another program below PREFIX: choose another prefix'],
    ['what a newer version wrote',  [['layout', layoutText(LAYOUT + 1)], ['index', '7']],     `what etcd has below PREFIX ${writtenByNewer(LAYOUT + 1)}`],
    ['not a layout',                [['layout', 'kapacitor-auth'], ['index', '7']],           'etcd has keys of another program below PREFIX: choose another prefix'],
  ])('%s are refused, and left alone', async (_says, kept, message) => {
    const prefix = `/${randomUUID()}/`
    for (const [key, value] of kept) await cluster.ctl('put', prefix + key, value)
    const before = await cluster.ctl('get', '--prefix', prefix)
    const error = await refusal({ endpoints: cluster.endpoints, prefix })
    expect(error).toMatchObject({ code: 'ERR_CONFIG_INVALID', message: `[meta] etcd-prefix: ${message.replace('PREFIX', prefix)}` })
    expect(await cluster.ctl('get', '--prefix', prefix)).toBe(before)
  })

  test('keys of a neighbour whose prefix begins alike do not matter', async () => {
    const prefix = `/${randomUUID()}`
    await cluster.ctl('put', `${prefix}0`, 'x')
    const store = await openEtcd(cluster, { prefix: `${prefix}/` })
    await put(store, 1)
    expect(await get(store)).toBe(1)
  })

  test('several may open an empty one at the same time', async () => {
    const prefix = `/${randomUUID()}/`
    const stores = await Promise.all(Array.from({ length: 8 }, () => openEtcd(cluster, { prefix })))
    await Promise.all(stores.map((store, i) => store.change((d) => d.put(['k', String(i)], i))))
    expect(await get(stores[0] as Store)).toBeUndefined()
    expect(await (stores[1] as Store).read((s) => s.index)).toBe(9)
  })

  test('a registry that somebody removed is out of reach, not empty', async () => {
    const prefix = `/${randomUUID()}/`
    const store = await openEtcd(cluster, { prefix })
    await put(store, 1)
    await cluster.ctl('del', '--prefix', prefix)
    await expect(get(store)).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    await expect(put(store, 2)).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  })

  test('credentials for an etcd that asks for none protect nothing', async () => {
    expect(await refusal({ endpoints: cluster.endpoints, login: { username: 'ka', password: PASSWORD } })).toMatchObject({
      code: 'ERR_CONFIG_INVALID', message: expect.stringMatching(/^\[meta\] etcd-username, etcd-password: this etcd asks nobody for credentials/),
    })
  })

  test('TLS where etcd has none is refused', async () => {
    expect((await refusal({ endpoints: cluster.endpoints, tls: {}, timeout: 500 })).code).toBe('ERR_STORE_UNAVAILABLE')
  })
})

describe.skipIf(!has('etcd', 'etcdctl'))('with an etcd that asks for user and password,', () => {
  const prefix = '/kapacitor-auth/'
  const login = { username: 'ka', password: PASSWORD }
  const ROOT = ['--user', 'root:root']
  let cluster: EtcdCluster
  beforeAll(async () => {
    cluster = await startEtcd({ flags: ['--auth-token-ttl', '1', '--bcrypt-cost', '4'] })
    await cluster.ctl('user', 'add', 'root:root')
    await cluster.ctl('user', 'grant-role', 'root', 'root').catch(() => {})
    await cluster.ctl('user', 'add', `ka:${PASSWORD}`)
    await cluster.ctl('role', 'add', 'ka')
    await cluster.ctl('role', 'grant-permission', 'ka', '--prefix=true', 'readwrite', prefix)
    await cluster.ctl('user', 'grant-role', 'ka', 'ka')
    await cluster.ctl('auth', 'enable')
  })
  afterAll(() => cluster.close())

  test('a role that is limited to the prefix is enough', async () => {
    const store = await openEtcd(cluster, { prefix, login })
    await store.change((d) => { for (let i = 0; i < 500; i++) d.put(['k', String(i)], i) })
    await store.change(async (d) => { await d.removeAll(['k']); d.put(['n'], 1) })
    expect(await get(store)).toBe(1)
  })

  test.each<[string, Partial<EtcdOptions>, RegExp]>([
    ['a wrong password',  { login: { username: 'ka', password: `${PASSWORD}!` } },     /^\[meta\] etcd-username, etcd-password: etcd does not accept the password of ka, or has no such user$/],
    ['an unknown user',   { login: { username: 'kb', password: PASSWORD } },           /^\[meta\] etcd-username, etcd-password: etcd does not accept the password of kb, or has no such user$/],
    ['no user',           {},                                                          /^\[meta\] etcd-username, etcd-password: etcd asks for a user and a password$/],
    ['another prefix',    { login, prefix: '/other/' },                                /^\[meta\] etcd-prefix: the etcd user ka may not read and write the keys that begin with \/other\/$/],
    ['a wider prefix',    { login, prefix: '/' },                                      /^\[meta\] etcd-prefix: the etcd user ka may not/],
  ])('%s is refused in one line', async (_says, options, message) => {
    expect(await refusal({ endpoints: cluster.endpoints, prefix, ...options })).toMatchObject({ code: 'ERR_CONFIG_INVALID', message: expect.stringMatching(message) })
  })

  /** How often somebody has signed in. */
  async function signIns(): Promise<number> {
    const text = await (await fetch(cluster.metrics[0] as string)).text()
    return Number(/^grpc_server_started_total\{grpc_method="Authenticate".*\} (\d+)$/m.exec(text)?.[1] ?? 0)
  }

  test('a token that has expired is renewed, for questions, changes and watches', async () => {
    const store = await openEtcd(cluster, { prefix, login })
    for (let round = 0; round < 2; round++) {
      await put(store, round)
      const before = await signIns()
      for (let waits = 0; (await signIns()) === before && waits < 10; waits++) {
        await sleep(2_500) // nobody asks, so that it expires: there is no other way to see it than to ask
        await Promise.all([put(store, 10 + round), get(store)])
      }
      expect(await signIns()).toBeGreaterThan(before)
      expect(await get(store)).toBe(10 + round)
    }
  })

  test('a member that has forgotten the token when it was started again is signed in to anew', async () => {
    const store = await openEtcd(cluster, { prefix, login, timeout: 10_000 })
    let heard = 0
    const [member] = cluster.members
    await put(store, 1)
    const client = createEtcdClient({ endpoints: cluster.endpoints, login })
    client.watch(Buffer.from(`${prefix}index`), () => { heard++ })
    await expect.poll(() => heard).toBe(1)
    for (let i = 0; i < 3; i++) {
      await member?.kill()
      await member?.start()
      await put(store, i)
      const before = heard
      await expect.poll(async () => { await put(store, 100 + i); return heard }).toBeGreaterThan(before + 1)
      expect(await get(store)).toBe(100 + i)
    }
    client.close()
  })

  test('what the user may not any more is an outage, until they may again', async () => {
    const store = await openEtcd(cluster, { prefix, login })
    await put(store, 1)
    await cluster.ctl(...ROOT, 'user', 'revoke-role', 'ka', 'ka')
    await expect(get(store)).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    await cluster.ctl(...ROOT, 'user', 'grant-role', 'ka', 'ka')
    expect(await get(store)).toBe(1)
  })
})

describe.skipIf(!has('etcd', 'etcdctl'))('with an etcd that asks for certificates,', () => {
  let certificates: Certificates
  let cluster: EtcdCluster
  let directory: string
  beforeAll(async () => {
    certificates = await makeCertificates()
    directory = mkdtempSync(join(tmpdir(), 'kapacitor-auth-pem-'))
    const file = (name: string, text: string) => { writeFileSync(join(directory, name), text); return join(directory, name) }
    const { ca, server, client } = certificates
    cluster = await startEtcd({ tls: {
      ca: file('ca', ca), cert: file('cert', server.cert), key: file('key', server.key),
      clientCert: file('client', client.cert), clientKey: file('client-key', client.key),
    } })
  })
  afterAll(async () => {
    await cluster.close()
    rmSync(directory, { recursive: true })
  })

  test('C8: by IP address a certificate for another name is refused, by host name or address ours is not', async () => {
    const { ca, client, wrongName, server } = certificates
    for (const [own, host, refused] of [[wrongName, '127.0.0.1', true], [server, '127.0.0.1', false], [server, 'localhost', false]] as const) {
      let isShaken = false
      const tls = createTlsServer({ ...own, ALPNProtocols: ['h2'] }, (socket) => {
        isShaken = true
        socket.on('error', () => {}).destroy()
      })
      tls.listen(0, host)
      await once(tls, 'listening')
      const { port } = tls.address() as AddressInfo
      const error = await refusal({ endpoints: [`${host}:${port}`], tls: { ca, ...client }, timeout: 1_500 })
      expect(/altname|does not match/i.test(error.message)).toBe(refused)
      expect(isShaken || refused).toBe(true)
      tls.close()
    }
  })

  test('one that it knows is let in, with any name', async () => {
    const { ca, client } = certificates
    const store = await openEtcd(cluster, { tls: { ca, ...client } })
    await put(store, 1)
    expect(await get(store)).toBe(1)
  })

  test.each<[string, (c: Certificates) => EtcdOptions['tls'], RegExp]>([
    ['none',                           ({ ca }) => ({ ca }),                               /cannot be reached/],
    ['one of another CA',              ({ ca, otherClient }) => ({ ca, ...otherClient }),  /cannot be reached/],
    ['no TLS at all',                  () => undefined,                                    /cannot be reached/],
    ["and whose own is not trusted",   ({ otherCa, client }) => ({ ca: otherCa, ...client }), /cannot be reached.*certificate/],
    ["nor by the system",              ({ client }) => client,                             /cannot be reached.*certificate/],
  ])('%s is refused', async (_says, tlsOf, message) => {
    const tls = tlsOf(certificates)
    const error = await refusal({ endpoints: cluster.endpoints, timeout: 1_500, ...(tls && { tls }) })
    expect(error).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', message: expect.stringMatching(message) })
  })
})
