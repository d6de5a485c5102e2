import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createCredentialCache } from '../../src/authn/cache/credential-cache.js'
import { roleKey, subscriptionKey, tokenKey } from '../../src/authn/directory/account-key.js'
import { createMetaDirectory } from '../../src/authn/directory/meta-directory.js'
import type { Permission, Permissions } from '../../src/authz/permission.js'
import { createMetaClient } from '../../src/meta-client/client.js'
import { createMetaEditor } from '../../src/meta-client/editor.js'
import type { MetaClientEvent } from '../../src/meta-client/wire/event.js'
import { createChangeFeed } from '../../src/meta-node/change-feed.js'
import { createMetaNode } from '../../src/meta-node/meta-node.js'
import { createRegistry } from '../../src/registry/registry.js'
import type { Milliseconds } from '../../src/time.js'
import { digestOf } from '../../src/token/own-token.js'
import { createTestHasher } from '../registry/node-bench.js'
import { openStore } from '../registry/temporary.js'
import { keptTime } from '../support/kept-time.js'
import { startServer } from '../support/servers.js'
import { until } from '../support/until.js'

const ends: (() => unknown)[] = []
afterEach(async () => { for (const end of ends.splice(0).reverse()) await end() })
const on = (scope: string, ...names: Permission[]): Permissions => new Map([[scope, new Set(names)]])

/** A meta node, and a gateway's cache that follows its changes, each over a socket of its own. */
async function setUp() {
  const store = await openStore()
  const registry = createRegistry(store)
  const changes = createChangeFeed(store)
  const server = createServer(createMetaNode({ registry, hasher: createTestHasher(), changes }).callback())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  ends.push(() => { changes.close(); server.closeAllConnections(); server.close() })
  const client = createMetaClient({ addresses: [address] })
  const cache = createCredentialCache(createMetaDirectory(client, { rolesInterval: 0 }))
  ends.push(() => { cache.close(); client.close() })
  await until(() => client.subscription?.up === true)
  const editor = createMetaEditor({ addresses: [address] })
  ends.push(() => editor.close())
  await registry.createUser('ann', 'hash', on('db', 'ReadData', 'WriteData'))
  return { registry, editor, cache, client }
}

test('15: a gateway looks at a token, by digest or by id, and no use is noted', async () => {
  const { registry, client } = await setUp()
  const directory = createMetaDirectory(client, { rolesInterval: 0 })
  const make = (token: string) => registry.createToken({ digest: digestOf(token), description: '', owner: { kind: 'user', name: 'ann' }, permissions: on('db', 'ReadData') })
  const [peeked, used] = [await make('kapa1_x'), await make('kapa1_y')]
  const subscription = await registry.createSubscriptionToken({ digest: digestOf('z'), database: 'db', policy: 'rp', name: 's' })
  expect(await directory.keyOf?.(`_token:${peeked.id}`)).toBe(tokenKey(peeked.digest))
  expect(await directory.keyOf?.(`_sub:${subscription.id}`)).toBe(subscriptionKey(subscription.digest))
  for (const name of [`_sub:${peeked.id}`, `_token:${subscription.id}`, '_token:', '_token:../x', 'ann', '']) expect(await directory.keyOf?.(name)).toBeUndefined()
  expect(await directory.find(tokenKey(peeked.digest), true)).toMatchObject({ user: { name: `_token:${peeked.id}` }, permissions: on('db', 'ReadData') })
  expect(await directory.find(subscriptionKey(subscription.digest), true)).toMatchObject({ user: { name: `_sub:${subscription.id}` } })
  await directory.find(tokenKey(used.digest))
  await until(async () => (await registry.getToken(used.id))?.lastUsedAt !== undefined) // one is noted after the other
  expect([(await registry.getToken(peeked.id))?.lastUsedAt, (await registry.getSubscriptionToken(subscription.id))?.lastUsedAt]).toEqual([undefined, undefined])
})

test('OIDC 6: 30: a change of a token, of its owner or its end reaches a gateway at once, cached as it was', async () => {
  const { registry, editor, cache } = await setUp()
  const { id, digest } = await registry.createToken({ digest: digestOf('kapa1_x'), description: '', owner: { kind: 'user', name: 'ann' }, permissions: on('db', 'ReadData', 'WriteData') })
  const key = tokenKey(digest)
  const grants = async () => (await cache.find(key))?.account.permissions.get('db')
  const isKept = async () => (await grants()) !== undefined && cache.peek(key) !== undefined
  await until(isKept) // what is told of its making may come after its first use
  expect(await grants()).toEqual(new Set(['ReadData', 'WriteData']))
  await registry.removeUserPermissions('ann', on('db', 'WriteData'))
  await until(() => cache.peek(key) === undefined)
  expect(await grants()).toEqual(new Set(['ReadData']))
  await until(isKept)
  await editor.tokens.revoke(id)
  await until(() => cache.peek(key) === undefined)
  expect(await cache.find(key)).toBeUndefined()
})

test('a subscription token made and revoked over the wire', async () => {
  const { editor, cache } = await setUp()
  const { id, accessToken } = await editor.subscriptions.create({ database: 'db', policy: 'rp', name: 's' })
  const key = subscriptionKey(digestOf(accessToken))
  expect((await cache.find(key))?.account.user).toMatchObject({ name: `_sub:${id}`, policy: 'rp' })
  await editor.subscriptions.revoke(id)
  await until(() => cache.peek(key) === undefined)
  expect(await cache.find(key)).toBeUndefined()
})

test('a token that is asked for before it is made is known once it is', async () => {
  const { registry, cache } = await setUp()
  const digest = digestOf('kapa1_y')
  expect(await cache.find(tokenKey(digest))).toBeUndefined()
  await registry.createToken({ digest, description: '', owner: { kind: 'node' }, permissions: new Map() })
  await until(async () => (await cache.find(tokenKey(digest))) !== undefined)
})

test("what a role grants that a subject may have is told by the role's key", async () => {
  const { registry, client } = await setUp()
  const heard: (string | undefined)[] = []
  createMetaDirectory(client).watch?.((key) => heard.push(key))
  await until(() => heard.length > 0) // where it stands
  await registry.createRole('ops')
  await until(() => heard.includes(roleKey('ops')))
})

test.each<[string, string]>([
  ['of the version before',    '{"error":"not found"}'],
  ['of InfluxDB Enterprise',   '404 page not found\n'],
])('with a meta node %s tokens are unknown, and one line says why', async (_says, body) => {
  const server = await startServer((_req, res) => void res.writeHead(404).end(body))
  ends.push(() => server.close())
  const events: MetaClientEvent[] = []
  const client = createMetaClient({ addresses: [`127.0.0.1:${server.port}`], log: (event) => events.push(event) })
  ends.push(() => client.close())
  const directory = createMetaDirectory(client, { push: false })
  for (const key of [tokenKey('a'.repeat(64)), subscriptionKey('a'.repeat(64)), tokenKey('b'.repeat(64))]) {
    expect(await directory.find(key)).toBeUndefined()
  }
  expect(events).toEqual([{ event: 'tokens-unoffered' }])
})

describe('12: a 404 that is not of a meta node with tokens', () => {
  const PAGE = '<html>404 Not Found</html>'
  const DIGEST = 'a'.repeat(64)
  const FOUND = { id: 'i', database: 'db', policy: 'rp' }
  const ours = (res: ServerResponse) => void res.end(JSON.stringify({ subscription: FOUND }))
  const foreign = (res: ServerResponse) => void res.writeHead(404).end(PAGE)
  const none = (res: ServerResponse) => void res.writeHead(404).end('{"error":"token not found"}')

  /** A client of nodes that answer so, one answer after the other; the last one again and again. */
  async function asking(timeout: Milliseconds, nodes: ((res: ServerResponse) => void)[][]) {
    const events: MetaClientEvent[] = []
    const addresses: string[] = []
    for (const some of nodes) {
      const answers = [...some]
      const server = await startServer((_req, res) => (answers.length > 1 ? answers.shift() : answers[0])?.(res))
      ends.push(() => server.close())
      addresses.push(`127.0.0.1:${server.port}`)
    }
    const client = createMetaClient({ addresses, timeout, log: (event) => events.push(event) })
    ends.push(() => client.close())
    const ask = () => client.subscriptionToken(DIGEST).catch(({ code }: { code: string }) => code)
    return { ask, told: () => events.map(({ event }) => event).filter((event) => event !== 'attempt-failed') }
  }

  test.each<[string, ((res: ServerResponse) => void)[][], unknown[], string[]]>([
    // says                              nodes                              answers                            told
    ['is an outage behind an answer',    [[ours, foreign]],                 [FOUND, 'ERR_META_UNAVAILABLE'],   []],
    ['is one behind a "no", too',        [[none, foreign]],                 [undefined, 'ERR_META_UNAVAILABLE'], []],
    ['is over when it is over',          [[ours, foreign, ours]],           [FOUND, FOUND],                    ['node-up']],
    ['has the next node asked',          [[foreign], [ours]],               [FOUND, FOUND],                    []],
    ['has it asked after an answer',     [[ours, foreign], [ours]],         [FOUND, FOUND],                    []],
    ['of all of them: no tokens',        [[foreign], [foreign]],            [undefined, undefined],            ['tokens-unoffered']],
    ['and then they have them',          [[foreign, ours, foreign]],        [undefined, FOUND, 'ERR_META_UNAVAILABLE'], ['tokens-unoffered']],
  ])('%s', (_says, nodes, answers, events) => keptTime(150, async (limit) => {
    const { ask, told } = await asking(limit, nodes)
    for (const answer of answers) expect(await ask()).toEqual(answer)
    expect(told()).toEqual(events)
  }))
})
