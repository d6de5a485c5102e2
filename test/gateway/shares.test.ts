import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Shares } from '../../src/gateway/connections/shares.js'

/** How many of its requests a party gets a place for, with all others as they are. */
function most(shares: Shares, parties: string[]): number {
  let count = 0
  while (shares.mayTake(parties)) {
    shares.take(parties)
    count++
  }
  return count
}

test.each([
  // places   one alone   a second one   a third one
  [1,         1,          0,             0],
  [2,         2,          0,             0],
  [3,         2,          1,             0],
  [8,         5,          2,             1],
  [256,       129,        64,            32],
])('of %i places, one party gets %i, then another %i, then another %i', (places, ...expected) => {
  const shares = new Shares(places)
  expect([most(shares, ['a']), most(shares, ['b']), most(shares, ['c'])]).toEqual(expected)
})

test.each([
  // says                              parties of the second
  ['the same user elsewhere',          ['user eve', 'from b']],
  ['another user in the same place',   ['user ann', 'from a']],
])('each of a request’s parties counts: %s', (_says, parties) => {
  const shares = new Shares(8)
  most(shares, ['user eve', 'from a'])
  expect(shares.mayTake(parties)).toBe(false)
  expect(shares.mayTake(['user ann', 'from b'])).toBe(true)
})

test('who is nobody is bound by the number of places alone', () => {
  expect(most(new Shares(8), [])).toBe(8)
  expect(new Shares(0).mayTake([])).toBe(false)
})

test('what is given back is there again, it does not matter who took what', () => {
  fc.assert(fc.property(fc.array(fc.record({ party: fc.constantFrom('a', 'b', 'c'), gives: fc.boolean() }), { maxLength: 60 }), (steps) => {
    const shares = new Shares(6)
    const held: string[] = []
    for (const { party, gives } of steps) {
      if (gives && held.length > 0) shares.giveBack([held.shift() as string])
      else if (shares.mayTake([party])) {
        shares.take([party])
        held.push(party)
      }
      expect(held.length).toBeLessThanOrEqual(6)
    }
    for (const party of held) shares.giveBack([party])
    expect([most(shares, ['a']), most(shares, ['b'])]).toEqual([4, 2])
  }))
})
