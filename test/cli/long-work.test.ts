import { expect, test } from 'vitest'
import { startWork } from '../../src/cli/registry/long-work.js'

function watched(isTTY: boolean) {
  let text = ''
  let time = 0
  const work = startWork({ isTTY, write: (piece) => { text += piece } }, () => time)
  return { work, text: () => text, at: (ms: number) => { time = ms } }
}

test('C7: progress is shown on a terminal, in one line that is gone at the end', () => {
  const { work, text, at } = watched(true)
  work.progress('1 of 3')
  at(250)
  work.progress('2 of 3')
  work.progress('3 of 3')
  expect(text()).toBe('\r\x1b[K2 of 3')
  work.end()
  work.end()
  expect(text()).toBe('\r\x1b[K2 of 3\r\x1b[K')
})

test('C7: work that is soon done shows nothing', () => {
  const { work, text, at } = watched(true)
  at(249)
  work.progress('1 of 3')
  work.end()
  expect(text()).toBe('')
})

test('C7: nothing is shown where it would end up in a file', () => {
  const { work, text, at } = watched(false)
  at(10_000)
  work.progress('1 of 3')
  work.end()
  expect(text()).toBe('')
})
