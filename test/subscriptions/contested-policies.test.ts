import { expect, test } from 'vitest'
import { createContestedPolicies } from '../../src/subscriptions/contested-policies.js'

const POLICY = { database: 'telegraf', policy: 'autogen' }
const OTHER = { database: 'telegraf', policy: 'week' }
const MINUTE = 60_000

/** A look each minute that finds a token that is not valid: which of them replace the subscription. */
function looks(count: number) {
  let time = 0
  const contested = createContestedPolicies(() => time)
  const replacing: number[] = []
  for (let minute = 0; minute < count; minute++, time += MINUTE) {
    if (!contested.mayTry(POLICY)) continue
    contested.noteTried(POLICY)
    replacing.push(minute)
  }
  const after = (minutes: number) => {
    time += minutes * MINUTE
  }
  return { contested, replacing, after }
}

test('it is replaced three times in a row, then after pauses that double, up to an hour', () => {
  const { contested, replacing } = looks(200)
  expect(replacing).toEqual([0, 1, 2, 3, 5, 9, 17, 33, 65, 125, 185])
  expect([contested.isContested(POLICY), contested.isContested(OTHER), contested.mayTry(OTHER)]).toEqual([true, false, true])
})

test.each([
  // minutes in order   is over
  [ 1,                  false],
  [ 9,                  false],
  [10,                  true],
])('in order for %i minutes after the last replacement: over %s', (minutes, isOver) => {
  const { contested, after } = looks(3)
  after(minutes - 1) // the last look was a minute ago
  contested.noteKept([POLICY, OTHER])
  expect(contested.isContested(POLICY)).toBe(!isOver)
})
