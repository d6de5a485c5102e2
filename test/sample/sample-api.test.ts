import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Koa from 'koa'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mountSampleApi } from '../../src/sample/sample-api.js'
import { checkTaskFile, openTaskFile } from '../../src/sample/task-file.js'
import { rawClient } from '../gateway/raw-client.js'
import { startServer, type TestServer } from '../support/servers.js'

const TASKS = '/kapacitor/v1/tasks'
let directory: string
const servers: TestServer[] = []
beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'sample-')) })
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
  rmSync(directory, { recursive: true })
})

async function start() {
  const app = new Koa()
  mountSampleApi(app, directory)
  const server = await startServer(app.callback())
  servers.push(server)
  return {
    port: server.port,
    async ask(method: string, path: string, body?: unknown) {
      const answer = await fetch(server.url + path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
      const text = await answer.text()
      return { status: answer.status, body: text && JSON.parse(text) }
    },
  }
}

const ids = (answer: { body: { tasks: { id: string }[] } }) => answer.body.tasks.map(({ id }) => id)

test('tasks are made, listed, read, changed and deleted', async () => {
  const { ask } = await start()
  expect((await ask('GET', '/kapacitor/v1/ping')).status).toBe(204)
  expect(await ask('POST', TASKS, { id: 'b', script: 'stream' })).toMatchObject({ status: 200, body: { id: 'b', status: 'disabled', link: { href: `${TASKS}/b` } } })
  expect((await ask('POST', TASKS, { id: 'a' })).status).toBe(200)
  expect(ids(await ask('GET', TASKS))).toEqual(['a', 'b'])
  expect(await ask('PATCH', `${TASKS}/b`, { status: 'enabled', id: 'c' })).toMatchObject({ status: 200, body: { id: 'b', status: 'enabled', script: 'stream' } })
  expect(await ask('GET', `${TASKS}/b`)).toMatchObject({ status: 200, body: { status: 'enabled' } })
  expect((await ask('DELETE', `${TASKS}/b`)).status).toBe(204)
  expect((await ask('DELETE', `${TASKS}/b`)).status).toBe(204)
  expect(ids(await ask('GET', TASKS))).toEqual(['a'])
})

describe('refused', () => {
  test.each<[string, string, string, unknown, number, string]>([
    // says                   method     path             body             status  error
    ['an id that is there',   'POST',    TASKS,           { id: 'a' },     409,    'task a already exists'],
    ['an id with a slash',    'POST',    TASKS,           { id: 'a/b' },   400,    'task ID must contain only letters, numbers, - . _'],
    ['an id, not a text', 'POST',        TASKS,           { id: 1 },       400,    'task ID must contain only letters, numbers, - . _'],
    ['a list',                'POST',    TASKS,           [],              400,    'body must be a JSON object'],
    ['no JSON',               'POST',    TASKS,           undefined,       400,    'body is not valid JSON'],
    ['what is not there',     'GET',     `${TASKS}/x`,    undefined,       404,    'no task exists'],
    ['a change of it',        'PATCH',   `${TASKS}/x`,    {},              404,    'no task exists'],
    ['another path',          'GET',     '/tasks',        undefined,       404,    'Not Found'],
  ])('%s', async (_says, method, path, body, status, error) => {
    const { ask } = await start()
    await ask('POST', TASKS, { id: 'a', script: 'first' })
    expect(await ask(method, path, body)).toEqual({ status, body: { error } })
    expect(await ask('GET', `${TASKS}/a`)).toMatchObject({ body: { script: 'first' } })
  })
})

describe('C10: no acknowledged task is lost, none comes back', () => {
  /** The head of a request with a JSON body that comes later. */
  const head = (line: string, body: string) => `${line} HTTP/1.1\r\nHost: me\r\nContent-Length: ${body.length}\r\n\r\n`

  test('of two POSTs of one id one is 409, however they come', async () => {
    const { ask, port } = await start()
    const body = '{"id":"a"}'
    const clients = await Promise.all([rawClient(port), rawClient(port)])
    for (const client of clients) client.send(head(`POST ${TASKS}`, body) + body.slice(0, 5))
    await ask('GET', TASKS)
    for (const client of clients) client.send(body.slice(5))
    const statuses = await Promise.all(clients.map(async (client) => (await client.answer('POST')).status))
    expect(statuses.sort()).toEqual([200, 409])
    for (const client of clients) client.close()
  })

  test('a PATCH whose body comes late brings no deleted task back', async () => {
    const { ask, port } = await start()
    await ask('POST', TASKS, { id: 'a' })
    const body = '{"status":"enabled"}'
    const client = await rawClient(port)
    client.send(head(`PATCH ${TASKS}/a`, body) + body.slice(0, 5))
    await ask('DELETE', `${TASKS}/a`)
    client.send(body.slice(5))
    expect((await client.answer('PATCH')).status).toBe(404)
    expect(ids(await ask('GET', TASKS))).toEqual([])
    client.close()
  })

  test('a task that the app before a reload acknowledges is in the one after it, and stays', async () => {
    const before = await start()
    const body = '{"id":"late"}'
    const client = await rawClient(before.port)
    client.send(head(`POST ${TASKS}`, body) + body.slice(0, 5))
    await before.ask('POST', TASKS, { id: 'first' })
    const after = await start()
    client.send(body.slice(5))
    expect((await client.answer('POST')).status).toBe(200)
    await after.ask('POST', TASKS, { id: 'second' })
    for (const { ask } of [before, after]) expect(ids(await ask('GET', TASKS))).toEqual(['first', 'late', 'second'])
    client.close()
  })
})

describe('the file', () => {
  test.each([
    // says                     content              why
    ['no JSON',                 '[{',                'it is not JSON'],
    ['an object',               '{}',                'it is not a list of tasks'],
    ['a list of anything',      '[1]',               'it is not a list of tasks'],
    ['a task without id',       '[{"status":"x"}]',  'it is not a list of tasks'],
  ])('is refused at the start, and left as it is: %s', (_says, content, why) => {
    writeFileSync(join(directory, 'tasks.json'), content)
    for (const use of [openTaskFile, checkTaskFile]) {
      expect(() => use(directory)).toThrow(`cannot use ${join(directory, 'tasks.json')}: ${why}`)
    }
    expect(readFileSync(join(directory, 'tasks.json'), 'utf8')).toBe(content)
  })

  test('that breaks later is 503, and left as it is', async () => {
    const { ask } = await start()
    writeFileSync(join(directory, 'tasks.json'), '[{')
    for (const [method, path] of [['GET', TASKS], ['POST', TASKS], ['DELETE', `${TASKS}/a`]] as const) {
      expect((await ask(method, path, method === 'POST' ? { id: 'a' } : undefined)).status).toBe(503)
    }
    expect(readFileSync(join(directory, 'tasks.json'), 'utf8')).toBe('[{')
  })
})
