import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Program, start, temporaryDirectory } from '../support/program.js'
import { basic } from '../support/servers.js'

const TASKS = '/kapacitor/v1/tasks'
/** Nothing of the developer's own, and no fixed port. */
const ENV = { PATH: process.env.PATH ?? '', HOME: '/nonexistent', KAPACITOR_ADMIN_BIND_ADDRESS: '127.0.0.1:0' }
const FREE = ['--bind-address', '127.0.0.1:0', '--meta-bind-address', '127.0.0.1:0']

let directory: ReturnType<typeof temporaryDirectory>
const running: Program[] = []

beforeEach(() => { directory = temporaryDirectory() })
afterEach(async () => {
  for (const program of running.splice(0)) {
    program.child.kill('SIGKILL')
    await program.end()
  }
  directory.remove()
})

function launch(args: readonly string[], env?: Record<string, string>): Program {
  const program = start(args, env)
  running.push(program)
  return program
}

/** `serve` on free ports, once it listens. */
async function serve(...args: string[]) {
  const program = launch(['serve', ...FREE, '--data-dir', directory.path, ...args])
  const [, api = ''] = await program.until(/Kapacitor API +(\S+)/)
  const [, meta = ''] = await program.until(/meta node +(\S+)/)
  await program.until(/\n\n$/)
  return { program, api, meta, password: /password +(\S+)$/m.exec(program.stdout())?.[1] ?? '' }
}

async function ask(url: string, user?: string, init: RequestInit = {}) {
  const answer = await fetch(url, { ...init, headers: user ? { authorization: basic(...(user.split(/:(.*)/s) as [string, string])) } : {} })
  return { status: answer.status, text: await answer.text() }
}

describe('the main job', () => {
  test('from nothing to a signed-in user, by the commands that are printed', async () => {
    const { program, api, meta, password } = await serve()
    const change = (body: object) => ask(`${meta}/user`, `admin:${password}`, { method: 'POST', body: JSON.stringify(body) })
    const tasks = (user?: string) => ask(api + TASKS, user)

    expect(await tasks()).toEqual({ status: 401, text: '{"error":"unable to parse authentication credentials"}' })
    expect(await change({ action: 'create', user: { name: 'johndoe', password: 'Pa5sw0Rd' } })).toEqual({ status: 200, text: '' })
    expect(await tasks('johndoe:Pa5sw0Rd')).toEqual({ status: 403, text: '{"error":"user johndoe does not have \\"read\\" privilege for API endpoint \\"/kapacitor/v1/tasks\\""}' })
    expect(await change({ action: 'add-permissions', user: { name: 'johndoe', permissions: { '': ['KapacitorAPI', 'KapacitorConfigAPI'] } } })).toEqual({ status: 200, text: '' })
    expect(await tasks('johndoe:Pa5sw0Rd')).toEqual({ status: 200, text: '{"tasks":[]}' })
    expect(await change({ action: 'remove-permissions', user: { name: 'johndoe', permissions: { '': ['KapacitorAPI'] } } })).toMatchObject({ status: 200 })
    expect(await tasks('johndoe:Pa5sw0Rd')).toMatchObject({ status: 403 })
    expect(await change({ action: 'change-password', user: { name: 'johndoe', password: 'another1' } })).toMatchObject({ status: 200 })
    expect(await tasks('johndoe:Pa5sw0Rd')).toMatchObject({ status: 401 })
    expect(await tasks('johndoe:another1')).toMatchObject({ status: 403 })
    expect(await change({ action: 'delete', user: { name: 'johndoe' } })).toMatchObject({ status: 200 })
    expect(await tasks('johndoe:another1')).toMatchObject({ status: 401 })

    expect(password.length).toBeGreaterThanOrEqual(24)
    expect(program.stderr()).not.toContain(password)
    expect(program.stderr()).not.toContain('Pa5sw0Rd')
  })

  test('a role counts at once, for members and for those who were', async () => {
    const { api, meta, password } = await serve()
    const post = async (path: string, body: object) => {
      expect(await ask(meta + path, `admin:${password}`, { method: 'POST', body: JSON.stringify(body) })).toEqual({ status: 200, text: '' })
    }
    await post('/user', { action: 'create', user: { name: 'ann', password: 'apw' } })
    await post('/role', { action: 'create', role: { name: 'ops' } })
    await post('/role', { action: 'add-permissions', role: { name: 'ops', permissions: { '': ['KapacitorAPI'] } } })
    expect(await ask(api + TASKS, 'ann:apw')).toMatchObject({ status: 403 })
    await post('/role', { action: 'add-users', role: { name: 'ops', users: ['ann'] } })
    expect(await ask(api + TASKS, 'ann:apw')).toMatchObject({ status: 200 })
    await post('/role', { action: 'remove-permissions', role: { name: 'ops', permissions: { '': ['KapacitorAPI'] } } })
    expect(await ask(api + TASKS, 'ann:apw')).toMatchObject({ status: 403 })
  })

  test('a second start prints no password and keeps users and tasks', async () => {
    const first = await serve()
    const task = { method: 'POST', body: '{"id":"cpu","type":"stream","script":"stream"}' }
    expect(await ask(first.api + TASKS, `admin:${first.password}`, task)).toMatchObject({ status: 200 })
    first.program.child.kill('SIGTERM')
    expect(await first.program.end()).toBe(0)

    const second = await serve()
    expect(second.password).toBe('')
    expect(second.program.stdout()).not.toMatch(/password|first start/)
    const { status, text } = await ask(second.api + TASKS, `admin:${first.password}`)
    expect(status).toBe(200)
    expect(JSON.parse(text).tasks).toMatchObject([{ id: 'cpu', type: 'stream' }])
  })

  test('what is kept can be read by nobody else', async () => {
    await serve()
    for (const file of readdirSync(directory.path, { recursive: true, encoding: 'utf8' })) {
      expect(`${file} ${(statSync(join(directory.path, file)).mode & 0o077).toString(8)}`).toBe(`${file} 0`)
    }
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('%s lets a request in flight finish, and takes no more', async (signal) => {
    const { program, api, password } = await serve()
    const { port } = new URL(api)
    const body = '{"id":"slow","type":"batch"}'
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(`POST ${TASKS} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic('admin', password)}\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`)
    await ask(api + TASKS, `admin:${password}`) // by now the first request is in flight
    program.child.kill(signal)
    await expect.poll(() => ask(api + TASKS).then(() => 'open', () => 'closed')).toBe('closed')
    socket.write(body.slice(5))
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(await program.end()).toBe(0)
  })

  test('the first password is made up only when everything else has started', async () => {
    const { port, close } = await takePort()
    const failed = launch(['serve', '--bind-address', `127.0.0.1:${port}`, '--meta-bind-address', '127.0.0.1:0', '--data-dir', directory.path])
    expect(await failed.end()).toBe(1)
    await close()
    expect((await serve()).password).not.toBe('')
  })
})

describe('what others found', () => {
  test('a body that is too long is refused, and nobody else notices', async () => {
    const { api, password, program } = await serve()
    const long = { method: 'POST', body: 'x'.repeat(2_000_000) }
    expect(await ask(api + TASKS, `admin:${password}`, long)).toMatchObject({ status: 413 })
    expect(await ask(api + TASKS, `admin:${password}`)).toMatchObject({ status: 200 })
    expect(program.child.exitCode).toBeNull()
  })

  test('a user who is deleted while holding a body back changes nothing with it', async () => {
    const { meta, password } = await serve()
    const post = (body: object) => ask(`${meta}/user`, `admin:${password}`, { method: 'POST', body: JSON.stringify(body) })
    await post({ action: 'create', user: { name: 'eve', password: 'epw' } })
    await post({ action: 'add-permissions', user: { name: 'eve', permissions: { '': ['CreateUserAndRole'] } } })
    const body = '{"action":"create","user":{"name":"back","password":"door"}}'
    const socket = connect(Number(new URL(meta).port), '127.0.0.1')
    socket.write(`POST /user HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic('eve', 'epw')}\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`)
    await ask(`${meta}/user?name=eve`, 'eve:epw') // by now eve was let in
    await post({ action: 'delete', user: { name: 'eve' } })
    socket.write(body.slice(5))
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 401 /)
    socket.destroy()
    expect(await ask(`${meta}/user?name=back`, `admin:${password}`)).toMatchObject({ status: 404 })
  })

  test('a page of another site cannot have a browser change users', async () => {
    const { meta, password } = await serve()
    const send = (headers: Record<string, string>) => fetch(`${meta}/user`, { method: 'POST', body: '{"action":"create","user":{"name":"x","password":"y"}}', headers: { authorization: basic('admin', password), ...headers } })
    expect((await send({ origin: 'https://evil.example' })).status).toBe(403)
    expect((await send({ 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await send({ origin: meta })).status).toBe(200)
  })

  test('a revocation in one process reaches another on the same directory', async () => {
    const one = await serve()
    const two = await serve()
    const post = (body: object) => ask(`${one.meta}/user`, `admin:${one.password}`, { method: 'POST', body: JSON.stringify(body) })
    await post({ action: 'create', user: { name: 'ann', password: 'apw' } })
    await expect.poll(() => ask(two.api + TASKS, 'ann:apw').then(({ status }) => status)).toBe(403)
    await post({ action: 'delete', user: { name: 'ann' } })
    await expect.poll(() => ask(two.api + TASKS, 'ann:apw').then(({ status }) => status)).toBe(401)
  })

  test('a password that cannot be printed is not made', async () => {
    const failed = spawnSync('sh', ['-c', `exec "$0" "$@" > /dev/full`, process.execPath, join(import.meta.dirname, '../../dist/main.js'), 'serve', ...FREE, '--data-dir', directory.path], { encoding: 'utf8', env: ENV })
    expect(failed.status).toBe(1)
    expect(failed.stderr).toMatch(/^kapacitor-auth: cannot write to standard output[^\n]*\n$/)
    expect((await serve()).password).not.toBe('')
  })

  test('a log that cannot be written stops nobody', async () => {
    const child = spawn('sh', ['-c', `exec "$0" "$@" 2> /dev/full`, process.execPath, join(import.meta.dirname, '../../dist/main.js'), 'serve', ...FREE, '--data-dir', directory.path], { env: ENV })
    let stdout = ''
    child.stdout.on('data', (text) => { stdout += text })
    await expect.poll(() => stdout).toMatch(/Try,/)
    const [, api = ''] = /Kapacitor API +(\S+)/.exec(stdout) ?? []
    for (let i = 0; i < 3; i++) expect(await ask(api + TASKS)).toMatchObject({ status: 401 })
    child.kill('SIGTERM')
    expect((await once(child, 'exit'))[0]).toBe(0)
  })
})

test('where a query is to make the administrator, the command that is printed does', async () => {
  const env = { KAPACITOR_META_FIRST_ADMIN: 'query', KAPACITOR_META_BCRYPT_COST: '4', KAPACITOR_GATEWAY_INFLUXDB_URL: 'http://127.0.0.1:1', INFLUXDB_HTTP_BIND_ADDRESS: '127.0.0.1:0' }
  const program = launch(['serve', ...FREE, '--data-dir', directory.path], env)
  const [, command = ''] = await program.until(/There is no administrator yet.*\n\n {2}(curl.*\n.*)\n/)
  const [, meta = ''] = await program.until(/meta node +(\S+)/)
  expect(spawnSync('sh', ['-c', command.replace('<password>', 'Pa5sw0Rd')], { encoding: 'utf8' }).stdout).toBe('{"results":[{"statement_id":0}]}\n')
  expect((await ask(`${meta}/user`, 'admin:Pa5sw0Rd')).status).toBe(200)
})

describe('what goes wrong is one clear line, and exit code 1', () => {
  test('a taken port', async () => {
    const { port, close } = await takePort()
    for (const [flag, option] of [['--bind-address', '[http] bind-address'], ['--meta-bind-address', '[meta] http-bind-address']] as const) {
      const program = launch(['serve', ...FREE, flag, `127.0.0.1:${port}`, '--data-dir', directory.path])
      expect(await program.end()).toBe(1)
      expect(program.stderr()).toBe(`kapacitor-auth: cannot listen on 127.0.0.1:${port} (${option}): another program listens there\n`)
    }
    await close()
  })

  test('a data directory that is a file', async () => {
    writeFileSync(join(directory.path, 'meta'), '')
    const program = launch(['serve', ...FREE, '--data-dir', directory.path])
    expect(await program.end()).toBe(1)
    expect(program.stderr()).toMatch(/^kapacitor-auth: [^\n]*meta[^\n]*\n$/)
  })

  test('a data directory that cannot be made', async () => {
    writeFileSync(join(directory.path, 'file'), '')
    const program = launch(['serve', ...FREE, '--data-dir', join(directory.path, 'file/below')])
    expect(await program.end()).toBe(1)
    expect(program.stderr()).toMatch(/^kapacitor-auth: [^\n]*\n$/)
  })

  test('a broken store', async () => {
    mkdirSync(join(directory.path, 'meta'))
    writeFileSync(join(directory.path, 'meta/data.mdb'), 'no LMDB file at all '.repeat(1000))
    const program = launch(['serve', ...FREE, '--data-dir', directory.path])
    expect(await program.end()).toBe(1)
    expect(program.stderr()).toMatch(/^kapacitor-auth: [^\n]*data\.mdb[^\n]*\n$/)
  })

  test('a configuration with three mistakes names all three', async () => {
    const file = join(directory.path, 'kapacitor.conf')
    writeFileSync(file, '[auth]\n  bcrypt-cots = 4\n  cache-expiration = "-1s"\n[http]\n  shared-secret = "short"\n')
    const program = launch(['serve', '-config', file])
    expect(await program.end()).toBe(1)
    expect(program.stderr()).toContain(`${file}:2`)
    expect(program.stderr()).toContain('bcrypt-cost')
    expect(program.stderr()).toContain(`${file}:3`)
    expect(program.stderr()).toContain(`${file}:5`)
    expect(program.stderr()).not.toContain('short"')
  })

  test('not a certificate',          async () => {
    const file = join(directory.path, 'cert.pem')
    writeFileSync(file, 'nothing of the kind')
    const env = { KAPACITOR_HTTP_HTTPS_ENABLED: 'true', KAPACITOR_HTTP_HTTPS_CERTIFICATE: file }
    const program = launch(['serve', ...FREE, '--data-dir', directory.path], env)
    expect(await program.end()).toBe(1)
    expect(program.stderr()).toMatch(/^kapacitor-auth: [^\n]*cert\.pem[^\n]*\n$/)
  })

  test('an empty data directory', async () => {
    const program = launch(['serve', '--data-dir', ''])
    expect(await program.end()).toBe(1)
    expect(program.stderr()).toBe('kapacitor-auth: --data-dir is empty\n')
  })

  test('a certificate that is not there', async () => {
    const env = { KAPACITOR_HTTP_HTTPS_ENABLED: 'true', KAPACITOR_HTTP_HTTPS_CERTIFICATE: '/nonexistent/cert.pem' }
    const program = launch(['serve', ...FREE, '--data-dir', directory.path], env)
    expect(await program.end()).toBe(1)
    expect(program.stderr()).toMatch(/^kapacitor-auth: [^\n]*\/nonexistent\/cert\.pem[^\n]*\n$/)
  })
})

describe('the other commands', () => {
  test('config shows values and origins, and no secret', async () => {
    const file = join(directory.path, 'kapacitor.conf')
    writeFileSync(file, '[http]\n  shared-secret = "a secret of the test, long enough"\n')
    const program = launch(['config', `-config=${file}`, '--bind-address', ':9999'], { KAPACITOR_AUTH_BCRYPT_COST: '4' })
    expect(await program.end()).toBe(0)
    expect(program.stdout()).toMatch(/\n {2}bind-address = ":9999" +# --bind-address\n/)
    expect(program.stdout()).toMatch(/\n {2}bcrypt-cost = 4 +# KAPACITOR_AUTH_BCRYPT_COST\n/)
    expect(program.stdout()).toMatch(/\n {2}shared-secret = \S*\*\*\*\S* +# .*kapacitor\.conf:2\n/)
    expect(program.stdout() + program.stderr()).not.toContain('a secret of the test')
  })

  test.each([['--help'], ['serve', '--help'], ['meta-node', '--help'], ['config', '--help']])('%s %s says what it does', async (...args) => {
    const program = launch(args)
    expect(await program.end()).toBe(0)
    expect(program.stdout()).toContain('Usage: kapacitor-auth')
  })

  test.each([[[]], [['sevre']], [['serve', '--no-such-flag']]])('%j is a mistake', async (args) => {
    const program = launch(args)
    expect(await program.end()).toBe(1)
    expect(program.stderr()).not.toBe('')
  })

  test('meta-node runs it alone', async () => {
    const program = launch(['meta-node', '--meta-bind-address', '127.0.0.1:0', '--data-dir', directory.path], { KAPACITOR_META_ADMIN_PASSWORD: 'configured' })
    const [, meta = ''] = await program.until(/meta node +(\S+)/)
    await program.until(/\n\n$/)
    expect(await ask(`${meta}/user?name=admin`, 'admin:configured')).toMatchObject({ status: 200 })
    expect(program.stdout()).not.toContain('configured\n')
    expect(program.stdout()).not.toContain('9092')
  })

  test('authentication that is switched off is said so on every start', async () => {
    const program = launch(['serve', ...FREE, '--data-dir', directory.path], { KAPACITOR_HTTP_AUTH_ENABLED: 'false' })
    const [, api = ''] = await program.until(/Kapacitor API +(\S+)/)
    await expect.poll(program.stderr).toMatch(/authentication is off/i)
    expect(await ask(api + TASKS)).toMatchObject({ status: 200 })
  })
})

async function takePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => new Promise((resolve) => server.close(resolve)) }
}
