import { expect, test } from 'vitest'
import { createSerialQueue } from '../src/serial-queue.js'

test('one after the other, in the order of the calls; a failure is for its caller only', async () => {
  const { run: inTurn, drained } = createSerialQueue()
  const seen: string[] = []
  let finish = () => {}
  void inTurn(async () => {
    seen.push('first begins')
    await new Promise<void>((resolve) => { finish = resolve })
    seen.push('first ends')
  })
  const second = inTurn(async () => {
    seen.push('second')
    throw new Error('no')
  })
  const third = inTurn(async () => seen.push('third'))
  const outcome = second.catch((error: Error) => error.message)
  await Promise.resolve()
  expect(seen).toEqual(['first begins'])
  finish()
  await drained()
  expect(await outcome).toBe('no')
  expect(await third).toBe(4)
  expect(seen).toEqual(['first begins', 'first ends', 'second', 'third'])
})
