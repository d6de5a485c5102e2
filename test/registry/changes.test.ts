import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { PERMISSIONS } from '../../src/authz/permission.js'
import { AuthError } from '../../src/errors.js'
import type { Caller } from '../../src/meta-node/access.js'
import { type ChangeFeedOptions, createChangeFeed } from '../../src/meta-node/change-feed.js'
import { createMetaNode } from '../../src/meta-node/meta-node.js'
import { createRegistry } from '../../src/registry/registry.js'
import { startServer } from '../support/servers.js'
import { until } from '../support/until.js'
import { createTestHasher } from './node-bench.js'
import { openStore, temporaryDirectory } from './temporary.js'

const ends: (() => unknown)[] = []
afterEach(async () => { for (const end of ends.splice(0).reverse()) await end() })

/** A meta node that tells changes. `caller` may be changed, and is looked at again and again. */
async function start(options: ChangeFeedOptions = {}, store: { logLength?: number } = {}, directory = temporaryDirectory()) {
  const opened = await openStore(`${directory}/meta`, store)
  const registry = createRegistry(opened)
  const feed = createChangeFeed(opened, { heartbeat: 20, recheck: 0, ...options })
  const state: { caller: Caller | AuthError } = { caller: { kind: 'node' } }
  const app = createMetaNode({
    registry,
    hasher: createTestHasher(),
    changes: feed,
    log: () => {},
    authenticate: async () => {
      if (state.caller instanceof AuthError) throw state.caller
      return state.caller
    },
  })
  const server = await startServer(app.callback())
  ends.push(() => server.close())
  ends.push(() => feed.close())
  return { store: opened, registry, feed, state, ...server }
}

/** A stream, read in the background. */
async function listen(url: string, headers: Record<string, string> = {}) {
  const abort = new AbortController()
  ends.push(() => abort.abort())
  const answer = await fetch(url, { headers, signal: abort.signal })
  const stream = { status: answer.status, headers: answer.headers, text: '', ended: false, abort: () => abort.abort() }
  void (async () => {
    for await (const piece of answer.body ?? []) stream.text += new TextDecoder().decode(piece as Uint8Array)
  })().catch(() => {}).finally(() => { stream.ended = true })
  const events = () => [...stream.text.matchAll(/^id: (\S+)\ndata: ([^\n]*)\n\n/gm)].map(([, id, data]) => ({ id: id as string, data: JSON.parse(data as string) }))
  const next = async (count: number) => {
    await until(() => events().length >= count)
    return events()
  }
  return Object.assign(stream, { events, next })
}

describe('the stream', () => {
  test('begins with where it stands, and tells who changed', async () => {
    const { url, registry } = await start()
    await registry.createUser('ann', 'hash')
    const index = await registry.index()
    const stream = await listen(`${url}/changes`)
    expect([stream.status, stream.headers.get('content-type'), stream.headers.get('cache-control')]).toEqual([200, 'text/event-stream', 'no-store'])
    expect(stream.headers.get('influxdb-metaindex')).toBe(String(index))
    expect((await stream.next(1))[0]).toMatchObject({ id: expect.stringMatching(`^${index}-`), data: { users: [] } })
    await registry.changePassword('ann', 'other')
    expect((await stream.next(2))[1]).toMatchObject({ id: expect.stringMatching(`^${index + 1}-`), data: { users: ['ann'] } })
    await registry.createUser('é "\u2028😀', 'hash')
    expect((await stream.next(3))[2]?.data).toEqual({ users: ['é "\u2028😀'] })
  })

  test('tells what has changed since, whether it is said in the address or by who comes back', async () => {
    const { url, registry } = await start()
    await registry.createUser('ann', 'hash')
    const since = await registry.index()
    const [before] = await (await listen(`${url}/changes`)).next(1)
    await registry.createUser('bob', 'hash')
    await registry.changePassword('ann', 'other')
    for (const stream of [
      await listen(`${url}/changes?since=${since}`),
      await listen(`${url}/changes?since=${before?.id}`),
      await listen(`${url}/changes`, { 'Last-Event-ID': String(since) }),
      await listen(`${url}/changes?since=0`, { 'Last-Event-ID': before?.id as string }),
    ]) expect((await stream.next(1))[0]?.data).toEqual({ users: ['bob', 'ann'] })
    const [now] = await (await listen(`${url}/changes?since=${await registry.index()}`)).next(1)
    expect(now?.data).toEqual({ users: [] })
  })

  test.each<[string, (index: number) => string]>([
    ['an index to come',                     (index) => `${index + 1}`],
    ['an index far ahead',                   () => '999999999999999'],
    ['before there was a log',               () => '0'],
    ['the mark of another registry',         (index) => `${index - 1}-abcdefgh`],
    ['the latest mark of another registry',  (index) => `${index}-abcdefgh`],
  ])('says that anybody may have changed since %s', async (_says, since) => {
    const { url, registry } = await start()
    await registry.createUser('ann', 'hash')
    await registry.createUser('bob', 'hash')
    const stream = await listen(`${url}/changes?since=${since(await registry.index())}`)
    expect((await stream.next(1))[0]?.data).toEqual({ all: true })
  })

  test.each([
    // how long ago, expected
    [3, { users: ['user2', 'user3', 'user4'] }],
    [4, { all: true }],
  ])('reaches as far back as the log: %i changes', async (ago, expected) => {
    const { url, registry } = await start({}, { logLength: 3 })
    for (let i = 0; i < 5; i++) await registry.createUser(`user${i}`, 'hash')
    const stream = await listen(`${url}/changes?since=${(await registry.index()) - ago}`)
    expect((await stream.next(1))[0]?.data).toEqual(expected)
  })

  test('hears of what another process changes', async () => {
    const directory = temporaryDirectory()
    const { url } = await start({}, {}, directory)
    const stream = await listen(`${url}/changes`)
    await stream.next(1)
    const other = createRegistry(await openStore(`${directory}/meta`))
    for (const name of ['ann', 'bob', 'carl']) await other.createUser(name, 'hash')
    await until(() => stream.text.includes('carl'))
    expect(stream.events().flatMap(({ data }) => data.users)).toEqual(['ann', 'bob', 'carl'])
  })

  test('is not silent when nothing happens', async () => {
    const { url } = await start()
    const stream = await listen(`${url}/changes`)
    await until(() => stream.text.split('\n').filter((line) => line === ':').length >= 3)
    expect(stream.events().length).toBe(1)
  })
})

describe('refused', () => {
  test.each(['x', '-1', '1.5', '', '1e3', '1-', '%20', '1,2', '1'.repeat(16), "1-a'b", `1-${'x'.repeat(33)}`])('since=%j is a mistake, and named', async (since) => {
    const { url } = await start()
    const answer = await fetch(`${url}/changes?since=${encodeURIComponent(decodeURIComponent(since))}`)
    expect([answer.status, await answer.json()]).toEqual([400, { error: '"since" in the query is not an index as in Influxdb-Metaindex' }])
  })

  test('so is a Last-Event-ID that is none', async () => {
    const { url } = await start()
    const answer = await fetch(`${url}/changes?since=1`, { headers: { 'Last-Event-ID': 'x' } })
    expect([answer.status, await answer.json()]).toEqual([400, { error: 'Last-Event-ID is not an index as in Influxdb-Metaindex' }])
  })

  test.each<[string, Caller | AuthError, number]>([
    ['nobody',                 new AuthError('ERR_CREDENTIALS_MISSING', 'who?'),                                                          401],
    ['one who may only write', { kind: 'user', name: 'ann', permissions: new Map([['', new Set(['CreateUserAndRole'] as const)]]) },      403],
  ])('%s may not listen', async (_says, caller, status) => {
    const { url, state } = await start()
    state.caller = caller
    const answer = await fetch(`${url}/changes`)
    expect(answer.status).toBe(status)
    await answer.text()
  })

  test('more than there may be are asked to come back', async () => {
    const { url } = await start({ max: 2 })
    const [first] = [await listen(`${url}/changes`), await listen(`${url}/changes`)]
    const third = await fetch(`${url}/changes`)
    expect([third.status, third.headers.get('retry-after'), await third.json()]).toEqual([503, '1', { error: 'too many streams of changes' }])
    first?.abort()
    await until(async () => {
      const again = await listen(`${url}/changes`)
      again.abort()
      return again.status === 200
    })
  })

  test('other methods; HEAD has an end', async () => {
    const { url, feed } = await start()
    const [post, head] = [await fetch(`${url}/changes`, { method: 'POST' }), await fetch(`${url}/changes`, { method: 'HEAD' })]
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'HEAD, GET'])
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
    expect(feed.size).toBe(0)
  })
})

describe('the stream ends', () => {
  test.each<[string, Caller | AuthError]>([
    ['the token has expired',  new AuthError('ERR_TOKEN_INVALID', 'expired')],
    ['the right is lost',      { kind: 'user', name: 'ann', permissions: new Map() }],
  ])('when %s', async (_says, caller) => {
    const { url, state, feed } = await start()
    const stream = await listen(`${url}/changes`)
    await stream.next(1)
    state.caller = caller
    await until(() => stream.ended)
    expect(feed.size).toBe(0)
  })

  test('when a caller learns from it that they have lost the right, whatever the time', async () => {
    const { url, state, registry, feed } = await start({ heartbeat: 60_000, recheck: 60_000 })
    state.caller = { kind: 'user', name: 'ann', permissions: new Map([['', new Set(PERMISSIONS)]]) }
    const stream = await listen(`${url}/changes`)
    await stream.next(1)
    state.caller = new AuthError('ERR_CREDENTIALS_REJECTED', 'gone')
    await registry.createUser('bob', 'hash')
    await stream.next(2) // nothing is due, and it is not about that user
    await registry.createUser('ann', 'hash')
    await until(() => stream.ended)
    expect([stream.events().length, feed.size]).toEqual([2, 0])
  })

  test('at once when the feed closes', async () => {
    const { url, feed, server } = await start()
    const streams = [await listen(`${url}/changes`), await listen(`${url}/changes`)]
    for (const stream of streams) await stream.next(1)
    feed.close()
    await until(() => streams.every(({ ended }) => ended))
    await new Promise((resolve) => { server.close(resolve); server.closeIdleConnections() })
    expect(feed.size).toBe(0)
  })

  test('for a client that reads nothing, and what waits for it is bounded', async () => {
    const { port, registry, feed, store } = await start({ patience: 200 })
    const socket = connect(port, '127.0.0.1')
    ends.push(() => socket.destroy())
    socket.on('error', () => {}).pause()
    socket.write('GET /changes HTTP/1.1\r\nHost: x\r\n\r\n')
    await until(() => feed.size === 1)
    await registry.createRole('r')
    let i = 0
    await until(async () => {
      const names = Array.from({ length: 450 }, (_, n) => `${'x'.repeat(240)}${n}-${i}`)
      i++
      await store.change((d) => { for (const name of names) d.put(['user', name], { hash: 'h' }) })
      return feed.size === 0
    })
  })
})
