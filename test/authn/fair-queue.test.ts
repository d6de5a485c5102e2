import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFairQueue } from '../../src/authn/fair-queue.js'
import type { Requester } from '../../src/authn/passwords/hasher.js'

/** `a/ann` asks from the origin a for ann. */
const requester = (text: string): Requester => {
  const [origin, name] = text.split('/')
  return { origin: origin || undefined, name: name || undefined }
}

function lineOf(places: number, requesters: readonly string[]) {
  const line = createFairQueue<string>(places)
  const gone = requesters.map((text) => line.push(text, requester(text))).filter((item) => item !== undefined)
  return { line, gone }
}

const times = (count: number, text: (i: number) => string) => Array.from({ length: count }, (_, i) => text(i))

describe('who waits is served in turns', () => {
  test.each<[says: string, came: string[], served: string[]]>([
    ['nobody in particular: first come, first served', ['/', '/', '/'],                                  ['/', '/', '/']],
    ['one address with many names has one share',      ['a/1', 'a/2', 'a/3', 'a/4', 'b/ann', 'c/bob'],   ['a/1', 'b/ann', 'c/bob', 'a/2', 'a/3', 'a/4']],
    ['many addresses with one name have one share',    ['a/ann', 'b/ann', 'c/ann', 'd/bob', 'e/cy'],     ['a/ann', 'd/bob', 'e/cy', 'b/ann', 'c/ann']],
    ['attacked from elsewhere, next at the name',      ['a/ann', 'a/ann', 'a/ann', 'b/ann'],             ['a/ann', 'b/ann', 'a/ann', 'a/ann']],
    ['two addresses with the same names: two shares',  ['a/1', 'b/1', 'a/2', 'b/2', 'c/ann'],        ['a/1', 'b/2', 'c/ann', 'a/2', 'b/1']],
    ['without an address, by name',                    ['/ann', '/ann', '/ann', '/bob'],                 ['/ann', '/bob', '/ann', '/ann']],
  ])('%s', (_says, came, served) => {
    const { line } = lineOf(100, came)
    expect(times(came.length, () => line.shift() as string)).toEqual(served)
    expect(line.shift()).toBeUndefined()
  })

  test('nobody waits longer than once around the table, however many others come', () => {
    const { line } = lineOf(10_000, times(5, (i) => `attacker/${i}`))
    line.shift()
    line.push('late', requester('b/ann'))
    for (let i = 0; i < 100; i++) line.push(`new/${i}`, requester(`new-${i}/new-${i}`))
    line.push('attacker', requester('attacker/x'))
    expect([line.shift(), line.shift()]).toContain('late')
  })

  test('a stream of newcomers starves nobody', () => {
    const { line } = lineOf(100, ['a/1', 'a/2', 'a/3'])
    const served: (string | undefined)[] = []
    for (let i = 0; i < 10; i++) {
      line.push(`new-${i}`, requester(`o${i}/n${i}`))
      served.push(line.shift())
    }
    expect(served).toEqual(expect.arrayContaining(['a/1', 'a/2', 'a/3']))
  })
})

describe('places are shared', () => {
  test.each<[says: string, places: number, came: string[], gone: string[]]>([
    ['nobody in particular: who comes late has to go', 2, ['/', '/', '/'],                         ['/']],
    ['who has the most loses one',                     3, ['a/1', 'a/2', 'a/3', 'b/ann', 'c/bob'], ['a/3', 'a/2']],
    ['also with one name from many addresses',         3, ['a/ann', 'b/ann', 'c/ann', 'd/bob'],    ['c/ann']],
    ['and not who is attacked',                        3, ['a/ann', 'a/ann', 'a/ann', 'b/ann'],    ['a/ann']],
    ['who has the most is refused, not the others',    3, ['b/ann', 'a/1', 'a/2', 'a/3'],          ['a/3']],
  ])('%s', (_says, places, came, gone) => {
    expect(lineOf(places, came).gone).toEqual(gone)
  })

  test('an attacker with a thousand names keeps nobody out', () => {
    const { line } = lineOf(16, times(1_000, (i) => `attacker/${i}`))
    const others = times(15, (i) => `o${i}/n${i}`)
    expect(others.map((text) => line.push(text, requester(text)))).not.toContain(undefined)
    const served = times(16, () => line.shift() as string)
    expect(served).toEqual(expect.arrayContaining(others))
  })
})

test('who gave up is taken out, and the rest is as it was', () => {
  const { line } = lineOf(100, ['a/1', 'a/2', 'b/3', 'a/4'])
  expect(line.dropWhile((item) => item.startsWith('a/'))).toEqual(['a/1', 'a/2'])
  expect(line.size).toBe(2)
  expect(line.clear()).toEqual(['b/3', 'a/4'])
  expect(line.size).toBe(0)
})

test('whatever happens, all are served once, and each address in its turn', () => {
  const step = fc.oneof(fc.constant('shift'), fc.tuple(fc.constantFrom('', 'a', 'b', 'c'), fc.constantFrom('', '1', '2')).map((pair) => pair.join('/')))
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const line = createFairQueue<number>(1_000)
    const came: number[] = []
    const served: number[] = []
    for (const [i, text] of steps.entries()) {
      if (text === 'shift') served.push(...[line.shift()].filter((item) => item !== undefined))
      else {
        came.push(i)
        line.push(i, requester(text))
      }
    }
    for (let item = line.shift(); item !== undefined; item = line.shift()) served.push(item)
    expect(served.toSorted((a, b) => a - b)).toEqual(came)
    expect(line.size).toBe(0)
  }))
})
