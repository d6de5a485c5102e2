import { connect } from 'node:net'
import Koa from 'koa'
import { afterEach, expect, test } from 'vitest'
import { type ChangeFeedOptions, createChangeFeed } from '../../src/meta-node/change-feed.js'
import { createStore } from '../../src/registry/store/backend.js'
import { createMemoryBackend, type MemoryState } from '../support/memory-backend.js'
import { startServer } from '../support/servers.js'
import { until } from '../support/until.js'

const ends: (() => unknown)[] = []
afterEach(async () => { for (const end of ends.splice(0).reverse()) await end() })

/** A feed over a store whose state is in the test's hand. */
async function start(index: number, options: ChangeFeedOptions = {}) {
  const state: MemoryState = { index, entries: new Map() }
  const store = createStore(createMemoryBackend(state, 1_000), 1_000)
  const feed = createChangeFeed(store, { heartbeat: 20, recheck: 60_000, ...options })
  const app = new Koa()
  app.silent = true // a client that is dropped is a premature close
  app.use((ctx) => feed.answer(ctx, undefined, { kind: 'node' }, async () => ({ kind: 'node' })))
  const server = await startServer(app.callback())
  ends.push(() => server.close(), () => feed.close())
  const answer = await fetch(server.url)
  const stream = { text: '', ended: false }
  void (async () => {
    for await (const piece of answer.body ?? []) stream.text += new TextDecoder().decode(piece as Uint8Array)
  })().catch(() => {}).finally(() => { stream.ended = true })
  await until(() => stream.text.includes('data:'))
  return { state, store, stream, feed, port: server.port }
}

test('a registry that was set back: anybody may have changed, and what follows is told', async () => {
  const { state, store, stream } = await start(1_000)
  await store.change((draft) => draft.put(['user', 'ann'], 1))
  await until(() => stream.text.includes('id: 1001-'))
  Object.assign(state, { index: 900, entries: new Map() })
  for (const tell of state.listeners ?? []) tell()
  await until(() => stream.text.includes('id: 900\ndata: {"all":true}'))
  await store.change((draft) => draft.put(['user', 'bob'], 1))
  await until(() => /id: 901-\S+\ndata: \{"users":\["bob"\]\}/.test(stream.text))
})

test('while the registry cannot be read, nobody says that nothing has changed', async () => {
  const { state, stream } = await start(1)
  await until(() => stream.text.includes('\n:\n')) // it beats
  Object.defineProperty(state, 'index', { get() { throw new Error('out of reach') } })
  await until(() => stream.ended)
  expect(stream.text).not.toContain('all')
})

test('a client that reads nothing is dropped, and nothing of it is left; one that reads goes on', async () => {
  const { state, store, stream, feed, port } = await start(1, { patience: 500 })
  const slow = connect({ host: '127.0.0.1', port })
  ends.push(() => slow.destroy())
  slow.on('error', () => {}).pause()
  slow.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await until(() => feed.size === 2)
  // More and more, until the connection's buffers are full
  const names = Array.from({ length: 60 }, (_, i) => `${'x'.repeat(1_900)}${i}`)
  while (feed.size === 2) {
    stream.text = ''
    await store.change((draft) => { for (const name of names) draft.put(['user', name], state.index) })
    await until(() => stream.text.includes(`id: ${state.index}-`))
  }
  expect(feed.size).toBe(1)
  await store.change((draft) => draft.put(['user', 'ann'], 1))
  await until(() => stream.text.includes('"ann"'))
  expect(stream.ended).toBe(false)
})
