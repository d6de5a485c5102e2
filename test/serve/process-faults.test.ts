import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync, symlinkSync, watch, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ADMIN, createWorld, type Served, TASKS, type World } from '../support/served.js'
import { basic } from '../support/servers.js'
import { until } from '../support/until.js'

// Several processes start, end and start again in each: on a busy machine that takes its time
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const MAIN = join(import.meta.dirname, '../../dist/main.js')
const TWO = '  workers = 2'

let world: World
beforeEach(async () => { world = await createWorld() })
afterEach(() => world.end())

const reasonOf = async ({ readiness }: Served, part: string) => (await readiness()).parts.find(({ name }) => name === part)?.reason

/** Waits until a worker that has ended is replaced. */
async function replaced({ workers, readiness }: Served, ended: number): Promise<void> {
  await until(async () => !workers().includes(ended) && workers().length === 2 && (await readiness()).ready)
}

describe('A3: a worker that is replaced gets the configuration in force, whatever the file says', () => {
  test.each([
    ['something else', () => world.text(`${TWO}\n  auth-enabled = false`)],
    ['nonsense',       () => 'nonsense'],
  ])('%s', async (_says, text) => {
    const served = await world.serve(world.text(TWO))
    const [worker = 0] = served.workers()
    writeFileSync(world.file('k.conf'), text())
    process.kill(worker, 'SIGKILL')
    await replaced(served, worker)
    const answers = new Set<number>()
    for (let i = 0; i < 8; i++) answers.add(await served.status({}))
    expect(answers).toEqual(new Set([401]))
    expect(await served.status()).toBe(200)
  })
})

test('A4: while no worker can be made, the others serve; one is made when it can be', async () => {
  const node = world.file('node')
  symlinkSync(process.execPath, node)
  writeFileSync(world.file('preload.cjs'), `process.execPath = ${JSON.stringify(node)}`)
  const served = await world.serve(world.text(TWO), { NODE_OPTIONS: `--require ${world.file('preload.cjs')}` })
  rmSync(node)
  const [worker = 0] = served.workers()
  process.kill(worker, 'SIGKILL')
  await until(() => served.program.stderr().includes('a worker process cannot be started; trying again'))
  await until(() => served.program.stderr().includes('ENOENT'))
  expect((await served.readiness()).status).toBe(503)
  expect(await served.status()).toBe(200)
  symlinkSync(process.execPath, node)
  await replaced(served, worker)
  expect(served.program.child.exitCode).toBeNull()
})

describe('A7: a worker that hangs', () => {
  test('hangs nobody else: readiness, metrics, purging, explaining; a reload replaces it', async () => {
    const served = await world.serve(world.text(TWO))
    const { admin } = served
    const [worker = 0] = served.workers()
    process.kill(worker, 'SIGSTOP')
    expect(await served.readiness()).toMatchObject({ status: 503, ready: false })
    expect(await reasonOf(served, 'workers')).toBe('1 of 2 answer')
    expect((await fetch(`${admin}/metrics`)).status).toBe(200)
    expect((await fetch(`${admin}/cache/purge`, { method: 'POST' })).status).toBe(503) // not everywhere
    expect((await fetch(`${admin}/explain?user=admin&method=GET&path=${TASKS}`)).status).toBe(200)
    served.reload(world.text(`${TWO}\n  max-body-size = 77`))
    await until(() => served.program.stderr().includes('configuration reloaded'))
    await until(() => served.program.stderr().includes('worker process hangs, or did not take the configuration: it is killed'))
    await replaced(served, worker)
    for (let i = 0; i < 4; i++) {
      expect((await fetch(served.api + TASKS, { method: 'POST', body: 'x'.repeat(78), headers: { ...ADMIN, connection: 'close' } })).status).toBe(413)
    }
  })

  test('is killed when the server stops', async () => {
    const served = await world.serve(world.text(`${TWO}\n  shutdown-timeout = "200ms"`))
    const workers = served.workers()
    process.kill(workers[0] ?? 0, 'SIGSTOP')
    served.program.child.kill('SIGTERM')
    expect(await served.program.end()).toBe(0)
    expect(workers.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])
  })
})

test('D6: a client whose connection was handed to a worker that ends before it takes it, is not left waiting', async () => {
  const served = await world.serve(world.text(TWO))
  const [worker = 0] = served.workers()
  process.kill(worker, 'SIGSTOP')
  const { port } = new URL(served.api)
  const sockets: Socket[] = []
  let answered = 0
  let closed = 0
  for (let i = 0; i < 4; i++) {
    const socket = connect(Number(port), '127.0.0.1')
    sockets.push(socket)
    socket.once('data', () => { answered++ }).on('error', () => {}).once('close', () => { closed++ })
    await once(socket, 'connect')
    socket.write(`GET ${TASKS} HTTP/1.1\r\nHost: x\r\n\r\n`)
  }
  await until(() => answered === 3) // one of them is with the worker that hangs
  expect(closed).toBe(0)
  process.kill(worker, 'SIGKILL')
  await until(() => closed === 1)
  for (const socket of sockets) socket.destroy()
})

test('A7: the counters of a worker that has ended are kept', async () => {
  const served = await world.serve(world.text(TWO))
  const total = async () => {
    const text = await (await fetch(`${served.admin}/metrics`)).text()
    const lines = [...text.matchAll(/^kapacitor_auth_requests_total\{.*\} (\d+)$/gm)]
    return lines.reduce((sum, [, count]) => sum + Number(count), 0)
  }
  for (let i = 0; i < 10; i++) await served.status()
  expect(await total()).toBe(10)
  const [one = 0, two = 0] = served.workers()
  for (const worker of [one, two]) {
    process.kill(worker, 'SIGKILL')
    await replaced(served, worker)
    expect(await total()).toBe(10)
  }
  await served.status()
  expect(await total()).toBe(11)
})

test('A7: what an address may get wrong is shared by all workers', async () => {
  const served = await world.serve(world.text('  workers = 4', '[auth]\n  wrong-password-burst = 4\n  wrong-password-interval = "1h"'))
  const answers: number[] = []
  for (let i = 0; i < 24; i++) answers.push(await served.status({ authorization: basic('admin', `wrong ${i}`) }))
  expect(answers.filter((status) => status === 401)).toHaveLength(4)
  expect(answers.filter((status) => status === 429)).toHaveLength(20)
})

describe('signals during the start', () => {
  /** Resolves when the store is being opened: the program is at work, and far from listening. */
  function opening(): Promise<void> {
    const watcher = watch(world.file('.'))
    return until(() => existsSync(world.file('meta'))).finally(() => watcher.close())
  }

  test.each([['1'], ['2']])('A7: SIGHUP does not end it; it is obeyed once everything has started: %s workers', async (workers) => {
    writeFileSync(world.file('k.conf'), world.text(`  workers = ${workers}`), { mode: 0o600 })
    const program = world.launch()
    await opening()
    for (let i = 0; i < 3; i++) program.child.kill('SIGHUP')
    await program.until(/admin +http/)
    await until(() => program.stderr().includes('configuration reloaded'))
    expect(program.stderr().match(/configuration reloaded/g)).toHaveLength(1)
    program.child.kill('SIGTERM')
    expect(await program.end()).toBe(0)
  })

  test('A7: SIGHUP does not end it while it still loads its modules', async () => {
    writeFileSync(world.file('preload.cjs'), `
      const { _load } = require('node:module')
      require('node:module')._load = function (name, ...rest) {
        if (/commander|command\\.js/.test(name) && !process.send && !process.sent) {
          process.sent = true
          process.kill(process.pid, 'SIGHUP')
          require('node:fs').writeSync(2, 'sent\\n')
        }
        return _load.call(this, name, ...rest)
      }`)
    const served = await world.serve(world.text(), { NODE_OPTIONS: `--require ${world.file('preload.cjs')}` })
    expect(served.program.stderr()).toMatch(/^sent$/m)
    await until(() => served.program.stderr().includes('configuration reloaded'))
  })

  test.each([['1'], ['2']])('B7: Ctrl-C, which reaches workers too, is not an error: %s workers', async (workers) => {
    writeFileSync(world.file('k.conf'), world.text(`  workers = ${workers}`), { mode: 0o600 })
    const env = { PATH: process.env.PATH ?? '', KAPACITOR_ADMIN_BIND_ADDRESS: '127.0.0.1:0', KAPACITOR_META_ADMIN_PASSWORD: 'x' }
    const child = spawn(process.execPath, [MAIN, 'serve', '--config', world.file('k.conf'), '--data-dir', world.file('.')], { env, detached: true })
    let stderr = ''
    child.stderr.on('data', (data) => { stderr += data })
    await opening()
    process.kill(-(child.pid ?? 0), 'SIGINT')
    const [code] = await once(child, 'close')
    expect(stderr).not.toMatch(/could not|cannot|error/i)
    expect(stderr).toMatch(/stopp/)
    expect(code).toBe(0)
  })
})
