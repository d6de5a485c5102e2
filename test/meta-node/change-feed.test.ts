import { connect } from 'node:net'
import Koa from 'koa'
import { afterEach, expect, test } from 'vitest'
import { subjectKey, tokenKey } from '../../src/authn/directory/account-key.js'
import type { User } from '../../src/authz/user.js'
import type { Caller } from '../../src/meta-node/access.js'
import { type ChangeFeedOptions, createChangeFeed } from '../../src/meta-node/change-feed.js'
import { createStore } from '../../src/registry/store/backend.js'
import { createMemoryBackend, type MemoryState } from '../support/memory-backend.js'
import { startServer } from '../support/servers.js'
import { until } from '../support/until.js'

const ends: (() => unknown)[] = []
afterEach(async () => { for (const end of ends.splice(0).reverse()) await end() })

/** A feed over a store whose state is in the test's hand. */
async function start(index: number, options: ChangeFeedOptions = {}, caller: Caller = { kind: 'node' }, check = async () => caller) {
  const state: MemoryState = { index, entries: new Map() }
  const store = createStore(createMemoryBackend(state, 1_000), 1_000)
  const feed = createChangeFeed(store, { heartbeat: 20, recheck: 60_000, ...options })
  const app = new Koa()
  app.silent = true // a client that is dropped is a premature close
  app.use((ctx) => feed.answer(ctx, undefined, caller, check))
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

/** Who listens, and what else is done: the caller, the change of the registry. */
const ROLE = ['role', 'readers']
const listener = (user: Pick<User, 'kind' | 'account' | 'owner'>): Caller => ({ kind: 'user', name: 'x', permissions: new Map(), user: { name: 'x', admin: false, privileges: new Map(), ...user } })
const SUBJECT = listener({ kind: 'subject', account: subjectKey({ issuer: 'i', subject: 's', roles: ['readers'] }) })
const ITS_TOKEN = listener({ kind: 'token', account: tokenKey('d'), owner: { kind: 'subject', issuer: 'i', subject: 's' } })
const USERS_TOKEN = listener({ kind: 'token', account: tokenKey('d'), owner: { kind: 'user', name: 'ann' } })

test.each([
  // who listens                 who          what changes       is checked at once
  ['a subject',                  SUBJECT,     ROLE,              true],
  ['a token of a subject',       ITS_TOKEN,   ROLE,              true],
  ['a token of a local user',    USERS_TOKEN, ROLE,              false],
  ['a subject',                  SUBJECT,     ['user', 'ann'],   false],
] as const)('%s is checked when a role changes: %#', async (_says, caller, changed, isChecked) => {
  const checked: Caller[] = []
  const { store, stream } = await start(1, {}, caller, async () => {
    checked.push(caller)
    return caller
  })
  await store.change((draft) => draft.put([...changed], 1))
  await until(() => stream.text.includes('id: 2-'))
  expect(checked.length > 0).toBe(isChecked)
})

test('when the list of subjects changes, who may not listen any more is told nothing more', async () => {
  let isListed = true
  const { feed, stream } = await start(1, { heartbeat: 60_000 }, SUBJECT, async () => {
    if (!isListed) throw new Error('not listed')
    return SUBJECT
  })
  feed.recheck()
  expect(stream.ended).toBe(false)
  isListed = false
  feed.recheck()
  await until(() => stream.ended)
  expect(feed.size).toBe(0)
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
