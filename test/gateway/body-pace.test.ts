import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BodyPace } from '../../src/gateway/request/body-pace.js'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

/** 10 bytes a second, after 1 second's grace; time is what the timers say. */
function start(bytesPerSecond = 10) {
  let tooSlow = 0
  const pace = new BodyPace({ bytesPerSecond, grace: 1_000 }, () => { tooSlow++ }, () => Date.now())
  return { pace, pass: (ms: number) => { vi.advanceTimersByTime(ms) }, tooSlow: () => tooSlow }
}

test('nothing within the grace', () => {
  const { pace, pass, tooSlow } = start()
  pace.resume()
  pass(999)
  expect(tooSlow()).toBe(0)
  pass(2)
  expect(tooSlow()).toBe(1)
})

test('each byte buys time', () => {
  const { pace, pass, tooSlow } = start()
  pace.resume()
  for (let second = 0; second < 20; second++) {
    pace.received(10)
    pass(1_000)
  }
  expect(tooSlow()).toBe(0)
  pass(1_001)
  expect(tooSlow()).toBe(1)
})

test('who is a little too slow is told once the grace is used up, and once', () => {
  const { pace, pass, tooSlow } = start()
  pace.resume()
  for (let second = 0; second < 30; second++) {
    pace.received(9)
    pass(1_000)
  }
  expect(tooSlow()).toBe(1)
})

test('what the other end takes is nobody’s time', () => {
  const { pace, pass, tooSlow } = start()
  pace.resume()
  pass(500)
  pace.pause()
  pass(3_600_000)
  pace.resume()
  pace.resume()
  pass(499)
  expect(tooSlow()).toBe(0)
  pass(2)
  expect(tooSlow()).toBe(1)
})

test.each([
  // says               bytes per second   paused
  ['no rate',           0,                 false],
  ['over before it',    10,                true],
])('never: %s', (_says, bytesPerSecond, paused) => {
  const { pace, pass, tooSlow } = start(bytesPerSecond)
  pace.resume()
  if (paused) pace.pause()
  pass(3_600_000)
  expect(tooSlow()).toBe(0)
})
