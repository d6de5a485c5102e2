import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createAppSwitch } from '../../src/serve/doors/app-switch.js'
import type { DoorApp } from '../../src/serve/doors/door.js'
import { until } from '../support/until.js'

const closing: (() => void)[] = []
afterEach(() => { for (const close of closing.splice(0)) close() })

/** An app that answers its name, `/slow` only when it is told to. */
function createNamed(name: string) {
  const held: ServerResponse[] = []
  const state = { closed: 0 }
  const app = {
    handle: (req: IncomingMessage, res: ServerResponse) => void (req.url === '/slow' ? held.push(res) : res.end(name)),
    close: async () => { state.closed++ },
  } as unknown as DoorApp
  return { app, state, release: () => { for (const res of held.splice(0)) res.end(name) }, held }
}

async function start(app: DoorApp) {
  const appSwitch = createAppSwitch(app)
  const server = createServer(appSwitch.handle).listen(0, '127.0.0.1')
  closing.push(() => server.closeAllConnections(), () => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { appSwitch, get: async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text() }
}

test('requests go to the app of the moment', async () => {
  const [one, two] = [createNamed('one'), createNamed('two')]
  const { appSwitch, get } = await start(one.app)
  expect(await get('/')).toBe('one')
  appSwitch.replace(two.app)
  expect(await get('/')).toBe('two')
  await until(() => one.state.closed === 1)
  expect(two.state.closed).toBe(0)
})

test('an app that was replaced finishes what it has begun, and is closed then', async () => {
  const [one, two] = [createNamed('one'), createNamed('two')]
  const { appSwitch, get } = await start(one.app)
  const slow = get('/slow')
  await until(() => one.held.length === 1)
  appSwitch.replace(two.app)
  expect(await get('/')).toBe('two')
  expect(one.state.closed).toBe(0)
  one.release()
  expect(await slow).toBe('one')
  await until(() => one.state.closed === 1)
})

test('an app that was replaced is closed after the last of its requests, not the first', async () => {
  const [one, two] = [createNamed('one'), createNamed('two')]
  const { appSwitch, get } = await start(one.app)
  const slow = [get('/slow'), get('/slow')]
  await until(() => one.held.length === 2)
  appSwitch.replace(two.app)
  one.held.shift()?.end('first')
  expect(await Promise.race(slow)).toBe('first')
  expect(await get('/')).toBe('two') // whatever the end of the first one has set going has happened
  expect(one.state.closed).toBe(0)
  one.release()
  await Promise.all(slow)
  await until(() => one.state.closed === 1)
})

test('closing closes each app once', async () => {
  const [one, two] = [createNamed('one'), createNamed('two')]
  const { appSwitch, get } = await start(one.app)
  const slow = get('/slow')
  await until(() => one.held.length === 1)
  appSwitch.replace(two.app)
  await appSwitch.close()
  one.release()
  await slow
  expect([one.state.closed, two.state.closed]).toEqual([1, 1])
})
