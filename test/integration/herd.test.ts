import { connect } from 'node:net'
import Koa from 'koa'
import { afterEach, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { kapacitorAuth } from '../../src/middleware/kapacitor-auth.js'
import { quickHash, quickHasher } from '../support/fixed-hasher.js'
import { basic, startServer } from '../support/servers.js'
import { until } from '../support/until.js'

const ends: (() => unknown)[] = []
afterEach(async () => { for (const end of ends.splice(0).reverse()) await end() })

const CONNECTIONS = 100
const EACH = 100

test('ten thousand simultaneous requests of one new user cost one look-up and one bcrypt', async () => {
  const count: Record<string, number> = {}
  const waiting: (() => void)[] = []
  let isHeld = true
  const document = { users: [{ name: 'ann', hash: quickHash('secret'), permissions: { '': ['KapacitorAPI'] } }] }
  const meta = await startServer((req, res) => {
    const path = req.url?.split('?')[0] as string
    count[path] = (count[path] ?? 0) + 1
    const answer = () => res.end(JSON.stringify(path === '/user' ? document : {}))
    if (path === '/changes') res.writeHead(404).end()
    else if (isHeld) waiting.push(answer)
    else answer()
  })
  ends.push(() => meta.close())
  let compared = 0
  const hasher = { ...quickHasher, compare: (password: string, hash: string) => { compared++; return quickHasher.compare(password, hash) } }
  const overrides = { 'auth.meta-addr': `127.0.0.1:${meta.port}`, 'auth.meta-attempt-timeout': '60s', 'auth.meta-timeout': '60s' }
  const auth = kapacitorAuth(loadConfig({ file: false, env: {}, overrides }), { hasher })
  ends.push(() => auth.close())
  let arrived = 0
  const app = new Koa()
  app.use((_ctx, next) => { arrived++; return next() })
  app.use(auth)
  app.use((ctx) => { ctx.status = 204 })
  const server = await startServer(app.callback())
  ends.push(() => server.close())

  const request = `GET /kapacitor/v1/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic('ann', 'secret')}\r\n\r\n`
  let answered = 0
  const statuses = new Map<string, number>()
  for (let i = 0; i < CONNECTIONS; i++) {
    const socket = connect(server.port, '127.0.0.1')
    ends.push(() => socket.destroy())
    let text = ''
    socket.setEncoding('latin1').on('data', (piece) => {
      text += piece
      const heads = text.split('\r\n\r\n')
      text = heads.pop() as string
      for (const head of heads) {
        const status = head.slice(9, 12)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        answered++
      }
    })
    socket.write(request.repeat(EACH))
  }
  await until(() => arrived === CONNECTIONS * EACH)
  expect(answered).toBe(0)
  isHeld = false
  for (const answer of waiting) answer()
  await until(() => answered === CONNECTIONS * EACH)
  expect(Object.fromEntries(statuses)).toEqual({ 204: CONNECTIONS * EACH })
  expect(count).toEqual({ '/user': 1, '/role': 1, '/changes': 1 })
  expect(compared).toBe(1)
})
