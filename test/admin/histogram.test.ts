import { Histogram, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { registerHistogram } from '../../src/admin/histogram.js'

const BUCKETS = [0.001, 0.01, 0.1, 1]
const VALUES = [0, 0.001, 0.00101, 0.01, 0.05, 0.5, 1, 1.01, 100, 0.5, 0.5]

/** Both histograms with the same in them, as text without the names. */
async function texts(observations: readonly [string, number][]) {
  const registry = new Registry()
  const theirs = new Histogram({ name: 'theirs_seconds', help: 'x', labelNames: ['outcome'], buckets: BUCKETS, registers: [registry] })
  const observe = registerHistogram([registry], { name: 'ours_seconds', help: 'x', label: 'outcome', buckets: BUCKETS })
  for (const [outcome, value] of observations) {
    theirs.observe({ outcome }, value)
    observe(outcome, value)
  }
  const lines = (await registry.metrics()).split('\n')
  const of = (name: string) => lines.filter((line) => line.includes(name)).map((line) => line.replace(name, ''))
  return { theirs: of('theirs_seconds'), ours: of('ours_seconds') }
}

test.each<[string, [string, number][]]>([
  ['nothing',        []],
  ['one',            [['ok', 0.002]]],
  ['on each border', VALUES.map((value) => ['ok', value])],
  ['several labels', VALUES.flatMap((value) => [['ok', value], ['error', value * 2]])],
])('it says the same as prom-client\'s own: %s', async (_says, observations) => {
  const { theirs, ours } = await texts(observations)
  expect(ours).toEqual(theirs)
  expect(ours.length).toBeGreaterThanOrEqual(2)
})
