import { describe, expect, test } from 'vitest'
import { decoyHashes, type HashCost, type HashKind, hashWork, isUsableHash, workOf } from '../../src/authn/passwords/password-hash.js'

const BCRYPT = 'CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'
const SHA256 = '8PHy8/T19vf4.fr7/P3./w$c1ooR1caG2uuQK3kgteFOedVZClB8nbRnIFbUCBOAtE'

test.each([
  // says                       hash                            kind             rounds
  ['bcrypt',                    `$2a$05$${BCRYPT}`,             'bcrypt',        2 ** 5],
  ['bcrypt at the top',         `$2y$14$${BCRYPT}`,             'bcrypt',        2 ** 14],
  ['PBKDF2',                    `$pbkdf2-sha256$29000$${SHA256}`, 'pbkdf2-sha256', 29_000],
  ['bcrypt beyond the top',     `$2a$15$${BCRYPT}`,             undefined,       undefined],
  ['PBKDF2 beyond the top',     `$pbkdf2-sha256$1000001$${SHA256}`, undefined,   undefined],
  ['none',                      '',                             undefined,       undefined],
  ['a password',                'Pa5sw0Rd',                     undefined,       undefined],
])('what a check takes: %s', (_says, hash, kind, rounds) => {
  const work = hashWork(hash)
  expect([work?.kind, work?.rounds]).toEqual([kind, rounds])
  expect(isUsableHash(hash)).toBe(kind !== undefined)
})

describe('decoys make up for what was not done', () => {
  const rounds = (hashes: readonly string[], kind: HashKind) => hashes.map(hashWork).reduce((sum, work) => sum + (work?.kind === kind ? work.rounds : Number.NaN), 0)

  test.each<[HashCost, number]>([
    // cost                                     done
    [4,                                         0],
    [10,                                        0],
    [14,                                        0],
    [10,                                        2 ** 4],
    [10,                                        2 ** 9],
    [10,                                        2 ** 10],
    [{ kind: 'pbkdf2-sha256', rounds: 29_000 }, 0],
    [{ kind: 'pbkdf2-sha256', rounds: 29_000 }, 1],
    [{ kind: 'pbkdf2-sha256', rounds: 29_000 }, 28_999],
    [{ kind: 'pbkdf2-sha512', rounds: 29_000 }, 29_000],
  ])('%j, %d done: as many rounds, of the same kind', (cost, done) => {
    const work = workOf(cost)
    expect(rounds(decoyHashes(work, done), work.kind) + done).toBe(work.rounds)
  })

  test('and nothing where more was done', () => {
    expect(decoyHashes(workOf(4), 2 ** 5)).toEqual([])
  })
})
