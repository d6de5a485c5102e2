import { fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import { answerCalls, type Channel, createAsk } from '../../src/serve/ipc.js'

/** Two ends; what is sent goes through JSON, as between processes. */
function createPair(): [Channel & EventEmitter, Channel & EventEmitter] {
  const ends = [new EventEmitter(), new EventEmitter()] as const
  const send = (to: EventEmitter) => (message: object) => void setImmediate(() => to.emit('message', JSON.parse(JSON.stringify(message))))
  return [Object.assign(ends[0], { send: send(ends[1]) }) as never, Object.assign(ends[1], { send: send(ends[0]) }) as never]
}

test('each question gets its own answer', async () => {
  const [here, there] = createPair()
  const ask = createAsk(here)
  answerCalls(there, {
    double: async (n: number) => {
      await new Promise((resolve) => setTimeout(resolve, 20 - n))
      return 2 * n
    },
    refuse: () => { throw new AuthError('ERR_CONFIG_INVALID', 'line 1\nline 2') },
    fail: () => { throw new Error('a secret') },
  })
  expect(await Promise.all([1, 2, 3].map((n) => ask('double', n)))).toEqual([2, 4, 6])
  await expect(ask('refuse')).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID', message: 'line 1\nline 2' })
  await expect(ask('fail')).rejects.toMatchObject({ code: 'ERR_INTERNAL', message: 'internal error' })
  expect(await ask('nothing of that name')).toBeUndefined()
})

test('nobody waits for a process that has ended', async () => {
  const [here] = createPair()
  const waiting = createAsk(here)('anything')
  here.emit('exit')
  await expect(waiting).rejects.toMatchObject({ code: 'ERR_BUSY' })
})

test('a process that was killed is gone, whenever it is asked, and takes nobody along', async () => {
  for (let i = 0; i < 5; i++) {
    const child = fork('-e', ['process.on("message", ({ call }) => process.send({ answer: call, value: "here" })); process.send("ready")'], { execArgv: [] })
    await once(child, 'message')
    const ask = createAsk(child)
    expect(await ask('where')).toBe('here')
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    const outcomes: Promise<unknown>[] = []
    const askOnce = () => void outcomes.push(ask('where').catch((error: AuthError) => error.code))
    let going = true
    const askOn = () => {
      askOnce()
      if (going) setImmediate(askOn)
    }
    askOn()
    await ended
    going = false
    askOnce()
    const all = await Promise.all(outcomes)
    expect(all.filter((outcome) => outcome !== 'here' && outcome !== 'ERR_BUSY')).toEqual([])
    expect(all.at(-1)).toBe('ERR_BUSY')
  }
})

test('other messages are others\' business', async () => {
  const [here, there] = createPair()
  createAsk(here)
  answerCalls(there, {})
  for (const end of [here, there]) for (const message of [undefined, null, 1, 'x', {}, { started: {} }, { answer: 99 }]) end.emit('message', message)
})
