import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { createMetaClient, type MetaClientOptions } from '../../src/meta-client/client.js'
import type { MetaClientEvent } from '../../src/meta-client/wire/event.js'
import { startServer } from '../support/servers.js'
import { until } from '../support/until.js'

const ends: (() => unknown)[] = []
afterEach(async () => { for (const end of ends.splice(0).reverse()) await end() })

type Told = readonly string[] | undefined

/** A meta node whose streams are in the test's hand. */
async function startTeller(handle?: (req: IncomingMessage, res: ServerResponse) => boolean | undefined) {
  const asked: string[] = []
  const headers: IncomingMessage['headers'][] = []
  const open = new Set<ServerResponse>()
  const server = await startServer((req, res) => {
    if (!req.url?.startsWith('/changes')) {
      res.writeHead(200, { 'influxdb-metaindex': String(node.index) }).end('{}')
      return
    }
    asked.push(req.url)
    headers.push(req.headers)
    if (handle?.(req, res)) return
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    open.add(res)
    res.once('close', () => open.delete(res))
    node.tell(node.first)
  })
  ends.push(() => server.close())
  const node = {
    ...server,
    host: `127.0.0.1:${server.port}`,
    asked,
    headers,
    open,
    index: 1,
    first: 'id: 1-a\ndata: {"users":[]}\n\n',
    tell(text: string) { for (const res of open) res.write(text) },
    /** As a server ends a stream that is over. */
    end() { for (const res of open) res.end() },
    /** As a server dies. */
    cut() { for (const res of open) res.destroy() },
  }
  return node
}

function watch(hosts: string[], options: Partial<MetaClientOptions> = {}) {
  const events: MetaClientEvent[] = []
  const told: Told[] = []
  const client = createMetaClient({ addresses: hosts, log: (event) => events.push(event), random: () => 0, ...options })
  ends.push(() => client.close())
  const subscription = client.watch((changed) => told.push(changed?.users))
  const pushes = () => events.map((event) => event.event).filter((event) => event.startsWith('push'))
  return { client, subscription, events, told, pushes }
}

test('names are passed on; where it stands is not known at first, so that it may be anybody', async () => {
  const node = await startTeller()
  const { subscription, told } = watch([node.host])
  expect([subscription.up, subscription.reportedUntil, subscription.index]).toEqual([false, Number.NEGATIVE_INFINITY, undefined])
  await until(() => subscription.up)
  node.tell('id: 2-b\ndata: {"users":["ann","bob"]}\n\nid: 3-c\ndata: {"all":true}\n\n')
  await until(() => told.length === 3)
  expect(told).toEqual([undefined, ['ann', 'bob'], undefined])
  expect([subscription.index, subscription.events]).toEqual([3, 3])
})

test('who asks is said as with other questions', async () => {
  const node = await startTeller()
  watch([node.host], { credentials: { kind: 'basic', username: 'u', password: 'p' } })
  await until(() => node.headers.length === 1)
  expect(node.headers[0]).toMatchObject({ authorization: `Basic ${btoa('u:p')}`, accept: 'text/event-stream', 'user-agent': expect.stringMatching('^kapacitor-auth/') })
})

test('after a break it goes on where it was, and what was missed is told', async () => {
  const node = await startTeller()
  const { subscription, told, pushes } = watch([node.host])
  await until(() => subscription.up)
  node.tell('id: 7-x\ndata: {"users":["ann"]}\n\n')
  await until(() => told.length === 2)
  node.first = 'id: 9-y\ndata: {"users":["bob"]}\n\n'
  node.cut()
  await until(() => told.length === 3)
  expect(node.asked).toEqual(['/changes', '/changes?since=7-x'])
  expect(told).toEqual([undefined, ['ann'], ['bob']])
  expect(pushes()).toEqual(['push-up', 'push-down', 'push-up'])
})

test('it turns to another node, which is told where it was', async () => {
  const [one, two] = [await startTeller(), await startTeller()]
  const { subscription, told } = watch([one.host, two.host])
  await until(() => subscription.up)
  two.first = 'id: 2-b\ndata: {"all":true}\n\n'
  one.cut()
  await until(() => told.length === 2)
  expect([one.asked, two.asked]).toEqual([['/changes'], ['/changes?since=1-a']])
  expect(told).toEqual([undefined, undefined])
})

test('an index that could be any registry\'s is not believed by another node', async () => {
  const [one, two] = [await startTeller(), await startTeller()]
  one.first = 'id: 5\ndata: {"users":[]}\n\n'
  const { subscription, told } = watch([one.host, two.host])
  await until(() => subscription.up)
  one.cut()
  await until(() => told.length === 2)
  expect(two.asked).toEqual(['/changes'])
  expect(told).toEqual([undefined, undefined])
})

test('nor by the same address, where another registry may be by now: it has missed anybody', async () => {
  const node = await startTeller()
  node.first = 'id: 5\ndata: {"users":[]}\n\n'
  const { subscription, told } = watch([node.host])
  await until(() => subscription.up)
  node.first = 'id: 5\ndata: {"users":[]}\n\n' // as a restored one says that has come as far
  node.cut()
  await until(() => told.length === 2)
  expect(node.asked).toEqual(['/changes', '/changes'])
  expect(told).toEqual([undefined, undefined])
})

test('a node that falls silent is given up', async () => {
  const [one, two] = [await startTeller(), await startTeller()]
  const { subscription, pushes, events } = watch([one.host, two.host], { silence: 100 })
  await until(() => subscription.up)
  const { reportedUntil } = subscription
  const beat = setInterval(() => two.tell(':\n\n'), 20)
  ends.push(() => clearInterval(beat))
  await until(() => two.open.size === 1 && subscription.reportedUntil > reportedUntil)
  expect(one.open.size).toBe(0)
  expect(pushes().slice(0, 3)).toEqual(['push-up', 'push-down', 'push-up'])
  expect(events).toContainEqual({ event: 'push-down', node: `http://${one.host}`, code: 'ETIMEDOUT' })
  await until(() => subscription.reportedUntil > reportedUntil + 200) // comments keep it going
  expect(two.asked.length).toBe(1)
})

test.each<[string, string]>([
  ['an event that is no JSON',           'id: 2-b\ndata: {\n\n'],
  ['an event of nobody',                 'id: 2-b\ndata: {}\n\n'],
  ['names that are none',                'id: 2-b\ndata: {"users":[1]}\n\n'],
  ['tokens that are none',               'id: 2-b\ndata: {"users":[],"tokens":[1]}\n\n'],
  ['roles that are not a list',          'id: 2-b\ndata: {"users":[],"roles":"ops"}\n\n'],
  ['tokens without users',               'id: 2-b\ndata: {"tokens":[]}\n\n'],
  ['an event without an index',          'id\ndata: {"users":["ann"]}\n\n'],
  ['an id with something else in it',    'id: 2&name=x\ndata: {"users":["ann"]}\n\n'],
])('after %s nothing is relied on: it may be anybody', async (_says, text) => {
  const node = await startTeller()
  const { subscription, told } = watch([node.host])
  await until(() => subscription.up)
  node.tell(text)
  await until(() => told.length === 2)
  expect(told).toEqual([undefined, undefined])
  expect(node.asked).toEqual(['/changes', '/changes'])
})

describe('a node that does not tell changes', () => {
  test.each<[string, number, Record<string, string>, string]>([
    ['has no such path',        404, {},                                            'HTTP 404'],
    ['has no such method',      405, {},                                            'HTTP 405'],
    ['does not let us',         401, {},                                            'HTTP 401'],
    ['sends something else',    200, { 'content-type': 'text/html; charset=x' },    'HTTP 200 text/html'],
    ['leads somewhere else',    307, { location: 'http://elsewhere:1/changes' },    'HTTP 307'],
  ])('because it %s is left alone, and that is said once', async (_says, status, headers, reason) => {
    const node = await startTeller((_req, res) => Boolean(res.writeHead(status, headers).end('x')))
    const { client, events, told, subscription } = watch([node.host])
    await until(() => events.length === 1)
    expect(events).toEqual([{ event: 'push-unoffered', node: `http://${node.host}`, reason }])
    await client.roles()
    expect([node.asked.length, told, subscription.up]).toEqual([1, [], false])
  })

  test('does not keep another one from telling', async () => {
    const [one, two] = [await startTeller((_req, res) => Boolean(res.writeHead(404).end())), await startTeller()]
    const { subscription, events } = watch([one.host, two.host])
    await until(() => subscription.up)
    two.cut()
    await until(() => two.asked.length === 2)
    expect(one.asked.length).toBe(1)
    expect(events.filter(({ event }) => event === 'push-unoffered').length).toBe(1)
  })

  test('at the moment, with 5xx, is asked again soon', async () => {
    let tries = 0
    const node = await startTeller((_req, res) => ++tries <= 3 && Boolean(res.writeHead(503).end()))
    const { subscription } = watch([node.host])
    await until(() => subscription.up)
    expect(tries).toBe(4)
  })
})

test('a redirect to a listed node is followed', async () => {
  const two = await startTeller()
  const one = await startTeller((_req, res) => Boolean(res.writeHead(307, { location: `http://${two.host}/` }).end()))
  const { subscription, events } = watch([one.host, two.host])
  await until(() => subscription.up)
  expect(two.asked).toEqual(['/changes'])
  expect(events).toEqual([{ event: 'push-up', node: `http://${two.host}` }])
})

test('closing ends the stream, and nobody is asked again', async () => {
  const node = await startTeller()
  const { client, subscription } = watch([node.host])
  await until(() => subscription.up && node.open.size === 1)
  client.close()
  await until(() => node.open.size === 0)
  expect([subscription.up, node.asked.length]).toEqual([false, 1])
})

test('an answer that is older than what was told is none', async () => {
  const [one, two] = [await startTeller(), await startTeller()]
  const { client, subscription, events } = watch([one.host, two.host])
  one.index = 4
  two.index = 5
  await until(() => subscription.up)
  await client.roles()
  expect(events.map(({ event }) => event)).toEqual(['push-up'])
  one.tell('id: 5-e\ndata: {"users":["ann"]}\n\n')
  await until(() => subscription.index === 5)
  await client.roles() // the first one is behind, the other is not
  expect(events.at(-1)).toEqual({ event: 'attempt-failed', node: `http://${one.host}`, path: '/role', code: 'ERR_OUTDATED' })
  subscription.close()
  two.index = 1
  await client.roles() // nobody tells any more
  expect(events.filter(({ event }) => event === 'attempt-failed').length).toBe(1)
})
