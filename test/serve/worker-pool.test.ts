import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { AuthError } from '../../src/errors.js'
import { decodeConfig } from '../../src/serve/workers/config-message.js'
import { startWorkerPool } from '../../src/serve/workers/worker-pool.js'
import type { WorkerEnd, WorkerProcess } from '../../src/serve/workers/worker-process.js'
import { createLog } from '../support/meta-cluster.js'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

const load = (size = '1') => loadConfig({ file: false, env: {}, overrides: { 'auth.cache-size': size } })

/** What a worker does when it is called; a promise that never ends is one that hangs. */
type Behaviour = (name: string, size: number | undefined) => unknown

const works: Behaviour = (name) => (name === 'start' ? [{ name: 'kapacitor', url: 'http://x' }] : undefined)
const hangs: Behaviour = () => new Promise(() => {})
const refuses: Behaviour = () => { throw new AuthError('ERR_CONFIG_INVALID', 'no such file') }
const hangsAt = (call: string): Behaviour => (name, size) => (name === call ? hangs(name, size) : works(name, size))
const refusesAt = (call: string): Behaviour => (name, size) => (name === call ? refuses(name, size) : works(name, size))

/** Processes that are none, but time out and end as real ones do. */
function createProcesses(...behaviours: Behaviour[]) {
  const made: (WorkerProcess & { calls: [string, number | undefined][]; end(end: WorkerEnd): void; isAlive: boolean })[] = []
  function fork(): WorkerProcess {
    const behave = behaviours[made.length] ?? works
    let end = (_: WorkerEnd) => {}
    const calls: [string, number | undefined][] = []
    const worker = {
      pid: 1_000 + made.length,
      ready: Promise.resolve(),
      calls,
      isAlive: true,
      ended: new Promise<WorkerEnd>((resolve) => { end = resolve }),
      end(how: WorkerEnd) {
        worker.isAlive = false
        end(how)
      },
      letGo: () => worker.end({ code: 0 }),
      kill: () => worker.end({ signal: 'SIGKILL' }),
      async call(name: string, argument: unknown, timeout: number) {
        const size = typeof argument === 'string' ? decodeConfig(argument).auth.cacheSize : undefined
        calls.push([name, size])
        const late = new Promise((_, reject) => setTimeout(() => reject(new AuthError('ERR_BUSY', 'the process does not answer')), timeout))
        return Promise.race([(async () => behave(name, size))(), late])
      },
    }
    made.push(worker as never)
    return worker as never
  }
  return { fork, made }
}

async function start(count: number, ...behaviours: Behaviour[]) {
  const processes = createProcesses(...behaviours)
  const logger = createLog()
  const pool = await startWorkerPool({ count, config: load(), fork: processes.fork, logger, now: Date.now })
  return { ...processes, pool, logger, sizes: () => [...pool.serving].map((worker) => (worker as never as { calls: [string, number][] }).calls.filter(([name]) => /start|reload|useProvider/.test(name)).at(-1)?.[1]) }
}

const messages = (log: ReturnType<typeof createLog>) => log.lines.map(({ message }: { message: string }) => message)

test('A4: while workers cannot be made it is tried again, with growing pauses, and logged once', async () => {
  const { made, pool, logger } = await start(1, works, refuses, refuses, refuses, works)
  made[0]?.end({ signal: 'SIGKILL' })
  const times: number[] = []
  const since = Date.now()
  for (let count = 1; count < 5; count++) {
    while (made.length === count) await vi.advanceTimersByTimeAsync(100)
    times.push(Date.now() - since)
  }
  expect(times).toEqual([500, 1_500, 3_500, 7_500])
  await vi.advanceTimersByTimeAsync(0)
  expect(pool.serving.size).toBe(1)
  expect(messages(logger)).toEqual(['worker process ended; starting a replacement', 'a worker process cannot be started; trying again'])
})

test.each([
  ['refuses',              refuses,   'no such file'],
])('none is left when one %s at the start', async (_says, behaviour, message) => {
  const processes = createProcesses(works, behaviour)
  const starting = startWorkerPool({ count: 2, config: load(), fork: processes.fork, logger: createLog() })
  await expect(starting).rejects.toThrow(message)
  expect(processes.made.map(({ isAlive }) => isAlive)).toEqual([false, false])
  await vi.advanceTimersByTimeAsync(120_000)
  expect(processes.made).toHaveLength(2)
})

test('one that hangs at the start is killed after a minute', async () => {
  const processes = createProcesses(works, hangs)
  const starting = startWorkerPool({ count: 2, config: load(), fork: processes.fork, logger: createLog() }).catch((error) => error)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await starting).toBeInstanceOf(AuthError)
  expect(processes.made.map(({ isAlive }) => isAlive)).toEqual([false, false])
})

test('the start can be given up', async () => {
  const processes = createProcesses(works, hangs)
  const stop = new AbortController()
  const starting = startWorkerPool({ count: 2, config: load(), fork: processes.fork, logger: createLog(), stop: stop.signal }).catch((error) => error)
  await vi.advanceTimersByTimeAsync(10)
  stop.abort(new Error('stopped'))
  expect(await starting).toEqual(new Error('stopped'))
  expect(processes.made.map(({ isAlive }) => isAlive)).toEqual([false, false])
})

describe('reload', () => {
  test.each<[string, Behaviour[], outcome: string | undefined, killed: boolean[], then: number[]]>([
    // says                                    the workers                                     outcome                        killed                 then all have
    ['all take it',                            [works, works],                                 undefined,                     [false, false],        [2, 2]],
    ['the first one refuses: none has it',     [refusesAt('reload'), works],                   'no such file',                [false, false],        [1, 1]],
    ['the first one hangs: the next one tries', [hangsAt('reload'), works],                    undefined,                     [true, false],         [2, 2]],
    ['a later one hangs',                      [works, hangsAt('reload')],                     undefined,                     [false, true],         [2, 2]],
    ['a later one refuses: it is replaced',    [works, refusesAt('reload')],                   undefined,                     [false, true],         [2, 2]],
    ['all hang: nothing changes',              [hangsAt('reload'), hangsAt('reload')],         'no worker process answers',   [true, true],          [1, 1]],
  ])('%s', async (_says, behaviours, outcome, killed, then) => {
    const { pool, made, sizes } = await start(2, ...behaviours)
    const reloading = pool.reload(load('2')).then(() => undefined, (error: Error) => error.message)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await reloading).toBe(outcome)
    expect(made.slice(0, 2).map(({ isAlive }) => !isAlive)).toEqual(killed)
    await vi.advanceTimersByTimeAsync(1_000)
    if (outcome === 'no such file') expect(made.flatMap(({ calls }) => calls).filter(([name]) => name === 'reload')).toHaveLength(1)
    else expect(sizes()).toEqual(then)
  })

  test('A3: one that was starting meanwhile has the new configuration when it serves', async () => {
    let opened = () => {}
    const slow: Behaviour = (name, size) => (name === 'start' ? new Promise((resolve) => { opened = () => resolve(works(name, size)) }) : works(name, size))
    const { pool, made, sizes } = await start(2, works, works, slow)
    made[0]?.end({ signal: 'SIGKILL' })
    await vi.advanceTimersByTimeAsync(500)
    expect(made[2]?.calls).toEqual([['start', 1]])
    await pool.reload(load('2'))
    opened()
    await vi.advanceTimersByTimeAsync(0)
    expect(made[2]?.calls).toEqual([['start', 1], ['reload', 2]])
    expect(sizes()).toEqual([2, 2])
  })
})

describe('another identity provider, or other users of it', () => {
  test.each<[string, Behaviour[], killed: boolean[]]>([
    // says                                     the workers                                                    killed
    ['all take it',                             [works, works],                                                [false, false]],
    ['the first one hangs',                     [hangsAt('useProvider'), works],                               [true, false]],
    ['a later one refuses: it is replaced',     [works, refusesAt('useProvider')],                             [false, true]],
    ['all hang: their replacements have it',    [hangsAt('useProvider'), hangsAt('useProvider')],              [true, true]],
  ])('%s', async (_says, behaviours, killed) => {
    const { pool, made, sizes } = await start(2, ...behaviours)
    const done = pool.useProvider(load('2'))
    expect(made.map(({ calls }) => calls.at(-1))).toEqual([['useProvider', 2], ['useProvider', 2]])
    await vi.advanceTimersByTimeAsync(20_000)
    await done
    expect(made.slice(0, 2).map(({ isAlive }) => !isAlive)).toEqual(killed)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(sizes()).toEqual([2, 2])
  })

  test('one that was starting meanwhile has it when it serves', async () => {
    let opened = () => {}
    const slow: Behaviour = (name, size) => (name === 'start' ? new Promise((resolve) => { opened = () => resolve(works(name, size)) }) : works(name, size))
    const { pool, made, sizes } = await start(2, works, works, slow)
    made[0]?.end({ signal: 'SIGKILL' })
    await vi.advanceTimersByTimeAsync(500)
    await pool.useProvider(load('2'))
    opened()
    await vi.advanceTimersByTimeAsync(0)
    expect(made[2]?.calls).toEqual([['start', 1], ['reload', 2]])
    expect(sizes()).toEqual([2, 2])
  })

  test('a certificate authority that cannot be read: none hears of it', async () => {
    const { pool, made } = await start(2)
    const next = loadConfig({ file: false, env: {}, overrides: { 'oidc.issuer': 'https://id.example.com', 'oidc.client-id': 'a', 'oidc.ca': '/nonexistent/ca.pem' } })
    await expect(pool.useProvider(next)).rejects.toThrow('[oidc] ca')
    expect(made.flatMap(({ calls }) => calls).filter(([name]) => name === 'useProvider')).toEqual([])
  })
})

test('A7: one that hangs is killed and replaced, though nobody has called it; one that answers is left alone', async () => {
  const { made, pool } = await start(2, works, hangsAt('ping'))
  await vi.advanceTimersByTimeAsync(39_900)
  expect(made.map(({ isAlive }) => isAlive)).toEqual([true, true])
  await vi.advanceTimersByTimeAsync(200)
  expect(made.map(({ isAlive }) => isAlive)).toEqual([true, false])
  await vi.advanceTimersByTimeAsync(120_000)
  expect(made.map(({ isAlive }) => isAlive)).toEqual([true, false, true])
  expect(pool.serving.size).toBe(2)
  await pool.close(0)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(vi.getTimerCount()).toBe(0)
})

test('A7: closing waits for those that finish, and kills those that do not', async () => {
  const { pool, made } = await start(2, works, hangsAt('close'))
  const closing = pool.close(5_000)
  await vi.advanceTimersByTimeAsync(0)
  expect(made.map(({ isAlive }) => isAlive)).toEqual([false, true])
  await vi.advanceTimersByTimeAsync(6_000)
  await closing
  expect(made.map(({ isAlive }) => isAlive)).toEqual([false, false])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(made).toHaveLength(2)
})
