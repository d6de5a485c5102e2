import { fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import { AuthError } from '../../src/errors.js'
import { answerCalls, type Calls, type Channel, createCaller } from '../../src/serve/workers/ipc.js'
import { until } from '../support/until.js'

afterEach(() => { vi.useRealTimers() })

const LONG = 60_000

/** Two ends; what is sent goes through JSON, as between processes. */
function createPair(): [Channel & EventEmitter, Channel & EventEmitter] {
  const ends = [new EventEmitter(), new EventEmitter()] as const
  const send = (to: EventEmitter) => (message: object) => void setImmediate(() => to.emit('message', JSON.parse(JSON.stringify(message))))
  return [Object.assign(ends[0], { send: send(ends[1]) }) as never, Object.assign(ends[1], { send: send(ends[0]) }) as never]
}

test('each call gets its own answer', async () => {
  const [here, there] = createPair()
  const call = createCaller(here)
  const waiting = new Map<number, () => void>()
  const errors: unknown[] = []
  answerCalls(there, {
    double: async (n: number) => {
      await new Promise<void>((resolve) => waiting.set(n, resolve))
      waiting.get(n + 1)?.() // the last one is answered first
      return 2 * n
    },
    refuse: () => { throw new AuthError('ERR_CONFIG_INVALID', 'line 1\nline 2') },
    fail: () => { throw new Error('a secret') },
  } as Calls, (error) => errors.push(error))
  const doubled = Promise.all([3, 2, 1].map((n) => call('double', n as never, LONG)))
  await until(() => waiting.size === 3)
  waiting.get(1)?.()
  expect(await doubled).toEqual([6, 4, 2])
  await expect(call('refuse', undefined as never, LONG)).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID', message: 'line 1\nline 2' })
  expect(errors).toEqual([])
  await expect(call('fail', undefined as never, LONG)).rejects.toMatchObject({ code: 'ERR_INTERNAL', message: 'internal error' })
  expect(errors).toEqual([new Error('a secret')])
  expect(await call('nothing of that name', undefined as never, LONG)).toBeUndefined()
})

test('nobody waits for a process that has ended', async () => {
  const [here] = createPair()
  const waiting = createCaller(here)('anything', undefined as never, LONG)
  here.emit('exit')
  await expect(waiting).rejects.toMatchObject({ code: 'ERR_BUSY' })
})

test('A7: nobody waits longer than they said for a process that does not answer; a late answer is nobody\'s', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const [here, there] = createPair()
  const call = createCaller(here)
  const asked: { call: number }[] = []
  there.on('message', (message) => void asked.push(message as never))
  const waiting = call('anything', undefined as never, 2_000).catch((error: AuthError) => error)
  const untilAsked = async (count: number) => { while (asked.length < count) await new Promise(setImmediate) }
  await untilAsked(1)
  let answer: unknown
  void waiting.then((error) => { answer = error })
  await vi.advanceTimersByTimeAsync(1_999)
  expect(answer).toBeUndefined()
  await vi.advanceTimersByTimeAsync(1)
  expect(answer).toMatchObject({ code: 'ERR_BUSY', message: 'the process does not answer' })
  const next = call('anything', undefined as never, 2_000)
  await untilAsked(2)
  for (const { call } of asked) here.emit('message', { answer: call, value: call })
  expect(await next).toBe(asked[1]?.call)
})

test('a process that was killed is gone, whenever it is called, and takes nobody along', async () => {
  for (let i = 0; i < 5; i++) {
    const child = fork('-e', ['process.on("message", ({ call }) => process.send({ answer: call, value: "here" })); process.send("ready")'], { execArgv: [] })
    await once(child, 'message')
    const call = createCaller(child)
    expect(await call('where', undefined as never, LONG)).toBe('here')
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    const outcomes: Promise<unknown>[] = []
    const callOnce = () => void outcomes.push(call('where', undefined as never, LONG).catch((error: AuthError) => error.code))
    let going = true
    const callOn = () => {
      callOnce()
      if (going) setImmediate(callOn)
    }
    callOn()
    await ended
    going = false
    callOnce()
    const all = await Promise.all(outcomes)
    expect(all.filter((outcome) => outcome !== 'here' && outcome !== 'ERR_BUSY')).toEqual([])
    expect(all.at(-1)).toBe('ERR_BUSY')
  }
})

test('other messages are others\' business', async () => {
  const [here, there] = createPair()
  createCaller(here)
  answerCalls(there, {})
  for (const end of [here, there]) for (const message of [undefined, null, 1, 'x', {}, { started: {} }, { answer: 99 }]) end.emit('message', message)
})
