import { describe, expect, test } from 'vitest'
import { createLookupLimit, type LookupLimitOptions } from '../../src/authn/cache/lookup-limit.js'
import type { AuthError } from '../../src/errors.js'
import { createManualClock, settle } from '../support/manual-clock.js'

function setUp(options: Partial<LookupLimitOptions> = {}) {
  const now = createManualClock()
  const limited = createLookupLimit({ concurrent: 2, now, ...options })
  const started: string[] = []
  const finish: (() => void)[] = []
  /** `a/ann` is a look-up of ann from the origin a. */
  const ask = (text: string) => {
    const [origin, name] = text.split('/')
    const work = () => {
      started.push(text)
      return new Promise<string>((resolve) => finish.push(() => resolve(text)))
    }
    const answer = limited({ origin, name }, work).catch((error: AuthError) => error.code)
    return answer
  }
  return { now, ask, started, finish }
}

describe('look-ups', () => {
  test('start at once while there is room, and in turns by origin after that', async () => {
    const { ask, started, finish } = setUp()
    for (const text of ['a/1', 'a/2', 'a/3', 'a/4', 'b/5']) void ask(text)
    expect(started).toEqual(['a/1', 'a/2'])
    for (let i = 0; i < 5; i++) {
      await settle()
      finish[i]?.()
      await settle()
    }
    expect(started).toEqual(['a/1', 'a/2', 'a/3', 'b/5', 'a/4'])
  })

  test('that fail make room, too', async () => {
    const limited = createLookupLimit({ concurrent: 1 })
    await expect(limited({}, () => Promise.reject(new Error('down')))).rejects.toThrow('down')
    expect(await limited({}, async () => 'up')).toBe('up')
  })

  test('beyond the queue are refused, the one of the greediest origin, and take no room', async () => {
    const { ask, started, finish } = setUp({ concurrent: 1, waiting: 2 })
    const answers = ['a/1', 'a/2', 'a/3', 'b/4'].map(ask)
    expect(await answers[2]).toBe('ERR_BUSY')
    finish[0]?.()
    await settle()
    finish[1]?.()
    await settle()
    expect(started).toEqual(['a/1', 'a/2', 'b/4'])
  })

  test('that have waited too long are refused, and not done', async () => {
    const { ask, started, finish, now } = setUp({ concurrent: 1, patience: 5_000 })
    const [, late] = [ask('a/1'), ask('a/2')]
    now.advance(5_001)
    const fresh = ask('a/3')
    finish[0]?.()
    expect(await late).toBe('ERR_BUSY')
    await settle()
    finish[1]?.()
    expect(await fresh).toBe('a/3')
    expect(started).toEqual(['a/1', 'a/3'])
  })
})
