import { expect, test } from 'vitest'
import { createTokenAge } from '../../src/subscriptions/token-age.js'

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]

test.each([
  // max age   age        too old
  [DAY,        DAY + 1,   true],
  [DAY,        DAY,       false],
  [DAY,        0,         false],
  [DAY,        -DAY,      false], // the system's clock was set back
  [0,          1e12,      false],
])('at most %d ms: of %d ms', (tokenMaxAge, age, isTooOld) => {
  const { isTooOld: judge } = createTokenAge({ tokenMaxAge, interval: MINUTE, date: () => 2e12 })
  expect(judge({ id: '', database: '', policy: '', createdAt: 2e12 - age })).toBe(isTooOld)
})

test.each([
  // max age   interval   kept   at one look
  [DAY,        MINUTE,    1,     1],
  [DAY,        MINUTE,    144,   1],
  [DAY,        MINUTE,    145,   2],
  [HOUR,       MINUTE,    500,   84],
  [HOUR,       HOUR,      3,     30],
  [30 * DAY,   MINUTE,    500,   1],
  [30 * DAY,   MINUTE,    0,     1],
])('of %d ms, looked at each %d ms, %d of them: %d at one look', (tokenMaxAge, interval, kept, most) => {
  expect(createTokenAge({ tokenMaxAge, interval }).atOneLook(kept)).toBe(most)
})
