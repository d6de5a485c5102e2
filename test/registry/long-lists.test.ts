import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { Store } from '../../src/registry/store/store.js'
import { type NodeBench, startNode } from './node-bench.js'

const MANY = 30_000
const hash = '$2b$04$'.padEnd(60, 'x')
const nameOf = (i: number) => `user${String(i).padStart(6, '0')}`

const fill = (store: Store, count = MANY) => store.change((d) => {
  d.put(['role', 'everybody'], 'id')
  d.put(['grants', 'id'], [])
  for (let i = 0; i < count; i++) {
    d.put(['user', nameOf(i)], { hash, permissions: [] })
    d.put(['member', 'id', nameOf(i)], true)
    d.put(['membership', nameOf(i), 'id'], true)
  }
})

/** A client that takes nothing once it has the first of the answer. */
async function startReader({ url }: NodeBench, path: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
  await once(socket, 'readable')
  return socket
}

test('a long list is whole, and of one state, whatever changes while it is sent', async () => {
  const node = await startNode()
  await fill(node.store)
  const index = await node.registry.index()
  const socket = await startReader(node, '/user')
  await node.store.change((d) => { for (let i = 0; i < MANY; i += 2) d.remove(['user', nameOf(i)]) })
  await node.store.change((d) => { for (let i = 0; i < MANY; i++) d.put(['user', `x${nameOf(i)}`], { hash, permissions: [] }) })
  let text = ''
  socket.setEncoding('latin1')
  socket.on('data', (data) => { text += data })
  await expect.poll(() => text.endsWith('0\r\n\r\n')).toBe(true)
  socket.destroy()
  expect(text).toContain(`Influxdb-Metaindex: ${index}\r\n`)
  expect(text.match(/"name":"user\d{6}"/g)?.length).toBeGreaterThan(MANY * 0.99) // some names are cut by the chunks
  expect(text).not.toContain('xuser')
  const { users } = (await (await node.get('/user')).json()) as { users: { name: string }[] }
  expect(users.length).toBe(MANY / 2 + MANY)
})

test('a role of many members is whole', async () => {
  const node = await startNode()
  await fill(node.store)
  const { roles } = (await (await node.get('/role')).json()) as { roles: { users: string[] }[] }
  expect(roles[0]?.users).toEqual(Array.from({ length: MANY }, (_, i) => nameOf(i)))
})

test('others are served while a long list is made', async () => {
  const node = await startNode()
  await fill(node.store)
  let pings = 0
  let listed = false
  const list = node.get('/user').then((answer) => answer.text()).finally(() => { listed = true })
  while (!listed) { await (await node.get('/ping')).text(); pings++ }
  await list
  expect(pings).toBeGreaterThan(5)
})

test.each(['/user', '/role'])('a client that leaves in the middle of %s leaves nothing behind', async (path) => {
  const node = await startNode()
  await fill(node.store)
  for (let i = 0; i < 3; i++) (await startReader(node, path)).destroy()
  await node.store.close()
  expect(node.logged).toEqual([])
})

test('a client that takes nothing is cut off', async () => {
  const node = await startNode({ patience: 200 })
  await fill(node.store, MANY * 4)
  const socket = await startReader(node, '/user')
  await node.store.close() // waits for every reader
  socket.resume()
  await once(socket, 'close')
  expect(node.logged.map((error) => (error as Error).message)).toEqual(['the client takes nothing'])
})

test('an answer that cannot be finished is cut off, not ended', async () => {
  const node = await startNode()
  await fill(node.store)
  await node.store.change((d) => d.put(['user', nameOf(MANY - 5)], 'damaged'))
  const answer = await node.get('/user')
  expect(answer.status).toBe(200)
  await expect(answer.text()).rejects.toThrow()
  expect(node.logged.map((error) => (error as Error).message)).toEqual(['the registry is damaged'])
  expect((await node.get('/ping')).status).toBe(200)
})

test('a list is sent in pieces over connections that are used again', async () => {
  const node = await startNode()
  await fill(node.store)
  const { port } = new URL(node.url)
  for (let i = 0; i < 3; i++) {
    const [answer] = await once(request({ port, path: '/user', headers: { Connection: 'keep-alive' } }).end(), 'response')
    expect([answer.statusCode, answer.headers['transfer-encoding'], answer.headers['content-length']]).toEqual([200, 'chunked', undefined])
    let length = 0
    for await (const data of answer) length += data.length
    expect(length).toBeGreaterThan(MANY * 80)
  }
})
