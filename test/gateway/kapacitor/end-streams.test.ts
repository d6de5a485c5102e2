import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
