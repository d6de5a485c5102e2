import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { EmbeddedMetaNode } from '../../src/serve/meta-node/embedded-meta-node.js'
import { quickHash } from '../support/fixed-hasher.js'
import { freePort } from '../support/free-ports.js'
import { change, hostOf, startGuarded, startNode } from '../support/meta-cluster.js'
import { temporaryDirectory } from '../support/program.js'
import { startStandInMetaNode } from '../support/stand-in-meta-node.js'
import { until } from '../support/until.js'

const ends: (() => unknown)[] = []
afterEach(async () => { for (const end of ends.splice(0).reverse()) await end() })

function directory(): string {
  const { path, remove } = temporaryDirectory()
  ends.push(remove)
  return path
}

async function node(path = directory(), address?: string, overrides?: Record<string, string>): Promise<EmbeddedMetaNode> {
  const started = await startNode(path, address, overrides)
  ends.push(() => started.close())
  return started
}

async function guarded(...parameters: Parameters<typeof startGuarded>) {
  const started = await startGuarded(...parameters)
  ends.push(() => started.close())
  return started
}

const isUp = (api: Awaited<ReturnType<typeof guarded>>) => () => api.auth.stats()?.push?.up === true
const isDown = (api: Awaited<ReturnType<typeof guarded>>) => () => api.auth.stats()?.push?.up === false

/** Nothing but what is pushed changes a mind: nobody is asked for again unasked. */
const NO_REVALIDATION = { 'auth.revalidate-interval': '1h', 'auth.lookup-interval': '1h', 'auth.cache-expiration': '24h' }

async function withUsers(at: EmbeddedMetaNode, ...names: string[]): Promise<void> {
  for (const name of names) {
    await change(at, '/user', { action: 'create', user: { name, password: 'secret' } })
    await change(at, '/user', { action: 'add-permissions', user: { name, permissions: { '': ['KapacitorAPI'] } } })
  }
}

describe('what a meta node tells takes effect at once', () => {
  test.each<[string, (at: EmbeddedMetaNode) => Promise<void>, number]>([
    ['a permission that is taken away', (at) => change(at, '/user', { action: 'remove-permissions', user: { name: 'ann', permissions: { '': ['KapacitorAPI'] } } }), 403],
    ['a user who is deleted',           (at) => change(at, '/user', { action: 'delete', user: { name: 'ann' } }),                                                    401],
    ['a new password',                  (at) => change(at, '/user', { action: 'change-password', user: { name: 'ann', password: 'another' } }),                      401],
  ])('%s, and nobody else is dropped', async (_says, revoke, status) => {
    const at = await node()
    await withUsers(at, 'ann', 'bob')
    const api = await guarded([hostOf(at)], NO_REVALIDATION)
    await until(isUp(api))
    expect(await api.ask('ann', 'secret')).toBe(200)
    expect(await api.ask('bob', 'secret')).toBe(200)
    const { push, cached } = api.auth.stats() as { push: { events: number }; cached: number }
    expect(cached).toBe(2)
    await revoke(at)
    await until(() => (api.auth.stats()?.push?.events ?? 0) > push.events)
    expect(api.auth.stats()?.cached).toBe(1)
    expect(api.auth.age('bob')).toBeDefined()
    expect(await api.ask('ann', 'secret')).toBe(status)
  })

  test.each<[string, (at: EmbeddedMetaNode) => Promise<void>]>([
    ['leaving a role',                        (at) => change(at, '/role', { action: 'remove-users', role: { name: 'ops', users: ['ann'] } })],
    ['a role that loses its permission',      (at) => change(at, '/role', { action: 'remove-permissions', role: { name: 'ops', permissions: { '': ['KapacitorAPI'] } } })],
    ['a role that goes',                      (at) => change(at, '/role', { action: 'delete', role: { name: 'ops' } })],
  ])('%s: its members, and the roles are asked for anew', async (_says, revoke) => {
    const at = await node()
    await change(at, '/user', { action: 'create', user: { name: 'ann', password: 'secret' } })
    await withUsers(at, 'bob')
    await change(at, '/role', { action: 'create', role: { name: 'ops' } })
    await change(at, '/role', { action: 'add-permissions', role: { name: 'ops', permissions: { '': ['KapacitorAPI'] } } })
    await change(at, '/role', { action: 'add-users', role: { name: 'ops', users: ['ann'] } })
    const api = await guarded([hostOf(at)], NO_REVALIDATION)
    await until(isUp(api))
    expect([await api.ask('ann', 'secret'), await api.ask('bob', 'secret')]).toEqual([200, 200])
    await revoke(at)
    await until(async () => (await api.ask('ann', 'secret')) === 403)
    expect(api.auth.age('bob')).toBeGreaterThan(api.auth.age('ann') as number)
  })
})

describe('what happens while nobody listens is caught up', () => {
  test('after the meta node was started again: exactly what changed', async () => {
    const path = directory()
    const address = `127.0.0.1:${await freePort()}`
    const first = await startNode(path, address)
    await withUsers(first, 'ann', 'bob')
    const api = await guarded([hostOf(first)], NO_REVALIDATION)
    await until(isUp(api))
    expect([await api.ask('ann', 'secret'), await api.ask('bob', 'secret')]).toEqual([200, 200])
    await first.close()
    await until(isDown(api))
    const elsewhere = await startNode(path)
    await change(elsewhere, '/user', { action: 'delete', user: { name: 'ann' } })
    await elsewhere.close()
    const age = api.auth.age('bob') as number
    expect(await api.ask('ann', 'secret')).toBe(200) // nobody can know yet
    await node(path, address)
    await until(isUp(api))
    expect(await api.ask('ann', 'secret')).toBe(401)
    expect(api.auth.age('bob')).toBeGreaterThan(age)
    expect(api.log.lines.map(({ fields }) => fields.event).filter((event) => String(event).startsWith('push'))).toEqual(['push-up', 'push-down', 'push-up'])
  })

  test('at another registry on the same address everybody is asked for again', async () => {
    const address = `127.0.0.1:${await freePort()}`
    const first = await startNode(directory(), address)
    await withUsers(first, 'ann')
    const api = await guarded([hostOf(first)], NO_REVALIDATION)
    await until(isUp(api))
    expect(await api.ask('ann', 'secret')).toBe(200)
    await first.close()
    await until(isDown(api))
    const path = directory()
    const other = await startNode(path)
    await withUsers(other, 'carl', 'dan', 'eve') // it has come further
    await other.close()
    await node(path, address)
    await until(isUp(api))
    expect(await api.ask('ann', 'secret')).toBe(401)
  })
})

describe('when nothing is told', () => {
  test('by a meta node that does not offer it, users are asked for again', async () => {
    const stand = await startStandInMetaNode([{ name: 'ann', hash: quickHash('secret'), permissions: { '': ['KapacitorAPI'] } }])
    ends.push(() => stand.close())
    const api = await guarded([`127.0.0.1:${stand.port}`], { 'auth.revalidate-interval': '100ms', 'auth.lookup-interval': '10ms' })
    await until(() => (stand.count['/changes'] ?? 0) > 0)
    expect(await api.ask('ann', 'secret')).toBe(200)
    stand.users.set('ann', { name: 'ann', hash: quickHash('secret') })
    await until(async () => (await api.ask('ann', 'secret')) === 403)
    expect(stand.count['/changes']).toBe(1)
    expect(api.auth.stats()?.push).toMatchObject({ up: false })
    expect(api.log.lines.filter(({ fields }) => fields.event === 'push-unoffered').length).toBe(1)
  })

  test('because it is switched off, nobody listens', async () => {
    const at = await node()
    await withUsers(at, 'ann')
    const api = await guarded([hostOf(at)], { 'auth.meta-push': 'false', 'auth.revalidate-interval': '100ms', 'auth.lookup-interval': '10ms' })
    expect(await api.ask('ann', 'secret')).toBe(200)
    expect(api.auth.stats()?.push).toBeUndefined()
    await change(at, '/user', { action: 'delete', user: { name: 'ann' } })
    await until(async () => (await api.ask('ann', 'secret')) === 401)
  })

  test('to one with wrong credentials, nothing is dropped and it is said once', async () => {
    const at = await node(undefined, undefined, { 'meta.auth-enabled': 'true' })
    const api = await guarded([hostOf(at)], { 'auth.meta-internal-shared-secret': 'another secret, and long enough too' })
    await until(() => api.log.lines.some(({ fields }) => fields.event === 'push-unoffered'))
    expect(api.log.lines.find(({ fields }) => fields.event === 'push-unoffered')?.fields).toMatchObject({ reason: 'HTTP 401' })
  })

  test('because the connection is silently dead, users are asked for again', async () => {
    const at = await node()
    await withUsers(at, 'ann')
    const relay = await startRelay(Number(hostOf(at).split(':')[1]))
    const api = await guarded([`127.0.0.1:${relay.port}`], { 'auth.revalidate-interval': '3s', 'auth.lookup-interval': '10ms' })
    await until(isUp(api))
    expect(await api.ask('ann', 'secret')).toBe(200)
    relay.freeze()
    await change(at, '/user', { action: 'delete', user: { name: 'ann' } })
    // New connections get through; the stream's is dead, and nobody is told so
    await until(async () => (await api.ask('ann', 'secret')) === 401)
    await until(isDown(api))
    await until(isUp(api))
  })
})

/** Passes bytes on, until it freezes: what is connected then stays connected and gets nothing more. */
async function startRelay(target: number) {
  const pairs = new Set<[Socket, Socket]>()
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    pairs.add([client, upstream])
    for (const socket of [client, upstream]) socket.on('error', () => {})
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => {
    for (const pair of pairs) for (const socket of pair) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    freeze() {
      for (const [client, upstream] of pairs) {
        client.unpipe(upstream)
        upstream.unpipe(client)
        for (const socket of [client, upstream]) socket.pause()
      }
    },
  }
}

describe('nothing is left behind', () => {
  test('a gateway that closes ends its stream', async () => {
    const at = await node()
    const api = await guarded([hostOf(at)])
    await until(isUp(api))
    const sockets = () => process.getActiveResourcesInfo().filter((name) => /TCPSocketWrap/.test(name)).length
    const before = sockets()
    await api.auth.close()
    await until(() => sockets() < before)
  })

  test('a meta node that closes does not wait for who listens', async () => {
    const path = directory()
    const at = await startNode(path)
    const apis = await Promise.all([1, 2, 3].map(() => guarded([hostOf(at)])))
    for (const api of apis) await until(isUp(api))
    await at.close() // it would wait for an hour
    for (const api of apis) await until(isDown(api))
  })
})
