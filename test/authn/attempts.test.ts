import { describe, expect, test } from 'vitest'
import { type AttemptsOptions, createAttempts } from '../../src/authn/passwords/attempts.js'
import { AuthError } from '../../src/errors.js'
import { createManualClock, settle } from '../support/manual-clock.js'

const WRONG = new AuthError('ERR_CREDENTIALS_REJECTED', 'authorization failed')
const A = '192.0.2.1'
const B = '192.0.2.2'

function setUp(options: AttemptsOptions = {}) {
  const now = createManualClock()
  const attempts = createAttempts({ now, interval: 100, burst: 5, ...options })
  let started = 0
  const pending: ((answer: unknown) => void)[] = []
  const ask = (origin: string | undefined, name: string, answer: unknown) => attempts.run({ origin, name }, async () => {
    started++
    if (answer instanceof Error && answer !== WRONG) throw answer
    return answer
  })
  /** Stays under way until it is answered. */
  const begin = (origin: string, name: string) => {
    const promise = attempts.run({ origin, name }, () => {
      started++
      return new Promise((resolve) => pending.push(resolve))
    })
    promise.catch(() => {})
    return promise
  }
  const codeOf = (promise: Promise<unknown>) => promise.then((answer) => (answer === WRONG ? 'wrong' : answer instanceof AuthError ? answer.code : 'right'), (error: AuthError) => error.code)
  return { now, ask, begin, pending, codeOf, get started() { return started } }
}

describe('wrong passwords use up an allowance', () => {
  test('so many at once, then one each interval', async () => {
    const all = setUp()
    const said: string[] = []
    for (let i = 0; i < 8; i++) said.push(await all.codeOf(all.ask(A, `user ${i}`, WRONG)))
    expect(said).toEqual([...Array(5).fill('wrong'), ...Array(3).fill('ERR_TOO_MANY_ATTEMPTS')])
    expect(all.started).toBe(5)
    all.now.advance(99)
    expect(await all.codeOf(all.ask(A, 'x', WRONG))).toBe('ERR_TOO_MANY_ATTEMPTS')
    all.now.advance(1)
    expect(await all.codeOf(all.ask(A, 'x', WRONG))).toBe('wrong')
    expect(await all.codeOf(all.ask(A, 'x', WRONG))).toBe('ERR_TOO_MANY_ATTEMPTS')
  })

  test('a thousand at once do not get around it', async () => {
    const all = setUp()
    const said = await Promise.all(Array.from({ length: 1_000 }, (_, i) => all.codeOf(all.ask(A, `user ${i}`, WRONG))))
    expect(all.started).toBe(5)
    expect(said.filter((code) => code === 'ERR_TOO_MANY_ATTEMPTS')).toHaveLength(995)
  })

  test('over any time, no more than that', async () => {
    const all = setUp()
    for (let i = 0; i < 1_000; i++) {
      await all.codeOf(all.ask(A, `user ${i}`, WRONG))
      all.now.advance(10)
    }
    expect(all.started).toBeLessThanOrEqual(5 + 1_000 * 10 / 100)
    expect(all.started).toBeGreaterThan(100)
  })

  test('it grows back to no more than it was', async () => {
    const all = setUp()
    all.now.advance(1_000_000)
    for (let i = 0; i < 10; i++) await all.codeOf(all.ask(A, `user ${i}`, WRONG))
    expect(all.started).toBe(5)
  })

  test('the refusal says when to come again', async () => {
    const all = setUp({ interval: 60_000, burst: 1 })
    await all.ask(A, 'ann', WRONG)
    all.now.advance(20_000)
    await expect(all.ask(A, 'bob', WRONG)).resolves.toMatchObject({ status: 429, headers: { 'Retry-After': '40' } })
  })

  test.each<[string, unknown]>([
    ['right ones',                      'ann'],
    ['what was not told, being busy',   new AuthError('ERR_BUSY', 'busy')],
    ['what was not told, for an outage', new AuthError('ERR_META_UNAVAILABLE', 'down')],
  ])('%s use up none', async (_says, answer) => {
    const all = setUp()
    for (let i = 0; i < 50; i++) await all.ask(A, `user ${i}`, answer).catch(() => {})
    expect(await all.codeOf(all.ask(A, 'ann', 'ann'))).toBe('right')
    expect(all.started).toBe(51)
  })

  test('right ones at once wait for each other, and all are let in', async () => {
    const all = setUp()
    const said = await Promise.all(Array.from({ length: 1_000 }, (_, i) => all.codeOf(all.ask(A, `user ${i}`, 'right'))))
    expect(new Set(said)).toEqual(new Set(['right']))
  })

  test('no interval, no limit', async () => {
    const all = setUp({ interval: 0, burst: 1 })
    for (let i = 0; i < 50; i++) expect(await all.codeOf(all.ask(A, 'ann', WRONG))).toBe('wrong')
  })

  test('who is not known has no limit', async () => {
    const all = setUp()
    for (let i = 0; i < 50; i++) expect(await all.codeOf(all.ask(undefined, 'ann', WRONG))).toBe('wrong')
  })
})

describe('and nobody else\'s', () => {
  test('another origin goes on', async () => {
    const all = setUp()
    for (let i = 0; i < 50; i++) await all.codeOf(all.ask(A, 'ann', WRONG))
    expect(await all.codeOf(all.ask(B, 'ann', 'ann'))).toBe('right')
    expect(await all.codeOf(all.ask(B, 'ann', WRONG))).toBe('wrong')
  })

  test('a name that is guessed at from everywhere is open to who was not wrong about it', async () => {
    const all = setUp()
    for (let i = 0; i < 50; i++) await all.codeOf(all.ask(`198.51.100.${i}`, 'ann', WRONG))
    expect(await all.codeOf(all.ask(B, 'ann', 'ann'))).toBe('right')
    expect(await all.codeOf(all.ask('198.51.100.7', 'ann', WRONG))).toBe('ERR_TOO_MANY_ATTEMPTS')
    expect(await all.codeOf(all.ask('198.51.100.7', 'bob', WRONG))).toBe('wrong')
    all.now.advance(500)
    expect(await all.codeOf(all.ask('198.51.100.7', 'ann', WRONG))).toBe('wrong')
  })

  test('names and origins come and go: no more are remembered than were asked for', async () => {
    const all = setUp({ max: 10, burst: 1, interval: 1_000_000 })
    await all.ask(A, 'ann', WRONG)
    for (let i = 0; i < 10; i++) await all.ask(`198.51.100.${i}`, `user ${i}`, WRONG)
    expect(await all.codeOf(all.ask(A, 'bob', WRONG))).toBe('wrong')
  })
})

describe('so many are under way', () => {
  test('for one origin; the others wait', async () => {
    const all = setUp({ concurrent: 2 })
    const first = Array.from({ length: 5 }, (_, i) => all.codeOf(all.begin(A, `user ${i}`)))
    const other = all.codeOf(all.begin(B, 'ann'))
    await settle()
    expect(all.started).toBe(3)
    for (let i = 0; i < 6; i++) {
      all.pending.shift()?.('right')
      await settle()
    }
    expect(await Promise.all([...first, other])).toEqual(Array(6).fill('right'))
  })

  test('what is under way holds a part of the allowance until it is answered', async () => {
    const all = setUp({ burst: 2 })
    const asked = ['a', 'b', 'c', 'd'].map((name) => all.codeOf(all.begin(A, name)))
    await settle()
    expect(all.started).toBe(2)
    all.pending[0]?.('right')
    await settle()
    expect(all.started).toBe(3)
    all.pending[1]?.(WRONG)
    all.pending[2]?.(WRONG)
    expect(await Promise.all(asked)).toEqual(['right', 'wrong', 'wrong', 'ERR_TOO_MANY_ATTEMPTS'])
  })

  test('no more wait than that', async () => {
    const all = setUp({ concurrent: 1, waiting: 2 })
    const asked = Array.from({ length: 5 }, (_, i) => all.codeOf(all.begin(A, `user ${i}`)))
    expect(await Promise.all(asked.slice(3))).toEqual(['ERR_BUSY', 'ERR_BUSY'])
  })

  test('and no longer', async () => {
    const all = setUp({ concurrent: 1 })
    const [first, second] = [all.codeOf(all.begin(A, 'ann')), all.codeOf(all.begin(A, 'bob'))]
    await settle()
    all.now.advance(5_001)
    all.pending[0]?.('right')
    expect([await first, await second]).toEqual(['right', 'ERR_BUSY'])
  })

  test('an attempt that fails to tell makes room, too', async () => {
    const all = setUp({ concurrent: 1 })
    for (let i = 0; i < 3; i++) await all.ask(A, 'ann', new AuthError('ERR_META_UNAVAILABLE', 'down')).catch(() => {})
    expect(await all.codeOf(all.ask(A, 'ann', 'ann'))).toBe('right')
  })
})

test.each<[keyof AttemptsOptions, number]>([
  ['interval',   -1],
  ['interval',   Number.NaN],
  ['burst',      0],
  ['concurrent', 0.5],
  ['waiting',    0],
  ['max',        0],
])('an option out of range is named: %s %d', (name, value) => {
  expect(() => setUp({ [name]: value })).toThrow(new RegExp(`^${name} must`))
})
