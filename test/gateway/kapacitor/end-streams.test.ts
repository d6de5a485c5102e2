import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import Koa from 'koa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ALL } from '../../../src/authz/privilege.js'
import type { User } from '../../../src/authz/user.js'
import { AuthError } from '../../../src/errors.js'
import { endStreams } from '../../../src/gateway/kapacitor/end-streams.js'
import { startKapacitorDoor, type TestKapacitorDoor } from '../../support/kapacitor-door.js'
import { basic, startServer, type TestServer } from '../../support/servers.js'
import { until } from '../../support/until.js'

const WATCH = '/kapacitor/v1/tasks/cpu/watch'
const LOGS = '/kapacitor/v1preview/logs'

let kapacitor: TestServer
let door: TestKapacitorDoor
let open = 0

/** A Kapacitor whose logs begin with a line, and whose watches of tasks are quiet. Neither ends. */
beforeAll(async () => {
  kapacitor = await startServer((req, res) => {
    open++
    res.on('close', () => { open-- })
    if (req.url?.includes('/logs')) res.write('{"msg":"the first line"}\n')
  })
  door = await startKapacitorDoor({ 'gateway.kapacitor-url': kapacitor.url })
})

afterAll(async () => {
  await door.close()
  await kapacitor.close()
})

/** What becomes of a stream that `name` has begun. */
async function begin(name: string, path: string) {
  const before = open
  const asked = request(door.url + path, { headers: { authorization: basic(name, 'first') } })
  asked.on('error', () => {}) // the connection is cut
  asked.end()
  const answered = once(asked, 'response') as Promise<[IncomingMessage]>
  await until(() => open === before + 1)
  return { asked, answered }
}

/** Resolves when the answer has ended, or was cut off. */
function closeOf(answer: IncomingMessage): Promise<unknown> {
  answer.on('error', () => {}).resume()
  return new Promise((resolve) => { answer.on('close', resolve) })
}

async function makeUser(name: string): Promise<void> {
  const made = await door.ask({ method: 'POST', body: { name, password: 'first', permissions: ['api'] } })
  expect(made.status).toBe(200)
}

const at = (name: string) => `/kapacitor/v1/users/${name}`

test.each([
  // the user …                   what is done                                                                                                status
  ['is deleted',                  (name: string) => door.ask({ method: 'DELETE', path: at(name) }),                                          401],
  ['loses the permission',        (name: string) => door.ask({ method: 'PATCH', path: at(name), body: { permissions: ['config_api'] } }),     403],
  ['has another password',        (name: string) => door.ask({ method: 'PATCH', path: at(name), body: { password: 'second' } }),              401],
])('a watch ends when its user %s', async (says, change, status) => {
  const name = says.replaceAll(' ', '-')
  await makeUser(name)
  const quiet = await begin(name, WATCH)
  const running = await begin(name, LOGS)
  const [logs] = await running.answered
  const closed = closeOf(logs)
  await change(name)
  const [refused] = await quiet.answered
  expect(refused.statusCode).toBe(status)
  refused.resume()
  await closed
  expect(logs.complete).toBe(false)
  await until(() => open === 0)
})

test('a watch goes on while its user may still read it, and everything else of them changes', async () => {
  await makeUser('stays')
  await makeUser('other')
  const running = await begin('stays', LOGS)
  const other = await begin('other', LOGS)
  const [[logs], [others]] = await Promise.all([running.answered, other.answered])
  const closed = closeOf(others)
  logs.resume()
  await door.ask({ method: 'PATCH', path: at('stays'), body: { permissions: ['api', 'write_points'] } })
  await door.ask({ method: 'DELETE', path: at('other') })
  await closed // by then the first one has been looked at, too
  expect(logs.destroyed).toBe(false)
  running.asked.destroy()
  await until(() => open === 0)
})

describe('a bearer token is looked at again, too', () => {
  const reader = { name: 'oidc:ann', admin: false, privileges: new Map([['/api', ALL]]) } as const
  const gone = new AuthError('ERR_TOKEN_INVALID', 'expired')
  const down = () => Promise.reject(new AuthError('ERR_PROVIDER_UNAVAILABLE', 'no keys'))
  const nobodys = { ...reader, privileges: new Map() }

  test.each([
    // now the token …                              a new request gets          status
    ['has expired, or its key was withdrawn',       () => gone,                 401],
    ['is of somebody who may read no tasks',        () => nobodys,              403],
    ['cannot be checked',                           down,                       503],
  ])('a watch ends when its token %s', async (_says, then, status) => {
    let answer: () => User | AuthError | Promise<never> = () => reader
    const asked: unknown[] = []
    const app = new Koa()
    app.use((ctx, next) => {
      ctx.state.user = reader
      return next()
    })
    const authenticate = (credentials: unknown) => {
      asked.push(credentials)
      return answer()
    }
    const cache = { find: () => Promise.reject(new Error('the account is still there')) }
    app.use(endStreams({ cache, authenticator: { authenticate }, interval: 10 }))
    app.use((ctx) => { ctx.respond = false }) // Kapacitor says nothing
    const server = await startServer(app.callback())
    const answered = fetch(server.url + WATCH, { headers: { authorization: 'Bearer a.b.c' } })
    await until(() => asked.length > 2)
    answer = then
    expect((await answered).status).toBe(status)
    expect(asked[0]).toEqual({ kind: 'bearer', token: 'a.b.c' })
    await server.close()
  })
})
