import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { shareOf } from '../../src/serve/workers/process-share.js'
import { createWorkerMetrics } from '../../src/serve/workers/worker-metrics.js'
import { workerCount, worst } from '../../src/serve/workers/workers.js'

const load = (overrides: Record<string, string>) => loadConfig({ file: false, env: {}, overrides })
const yes = (name: string) => ({ name, ready: true })
const no = (name: string, reason: string) => ({ name, ready: false, reason })

test.each([
  // says                               reports                                                         shown
  ['all are ready',                     [[yes('a'), yes('b')], [yes('a'), yes('b')]],                   [yes('a'), yes('b')]],
  ['the first one is not',              [[no('a', 'x'), yes('b')], [yes('a'), yes('b')]],               [no('a', 'x'), yes('b')]],
  ['the last one is not',               [[yes('a'), yes('b')], [yes('a'), no('b', 'x')]],               [yes('a'), no('b', 'x')]],
  ['neither is: the first reason',      [[no('a', 'x')], [no('a', 'y')]],                               [no('a', 'x')]],
  ['one knows a part that others do not', [[yes('a')], [yes('a'), no('b', 'x')]],                       [yes('a'), no('b', 'x')]],
  ['nobody says anything',              [],                                                             []],
])('of several processes the part that is not ready is shown: %s', (_says, reports, shown) => {
  expect(worst(reports)).toEqual(shown)
})

test.each([
  // workers  burst  interval   queue  threads   of each:  burst  interval  queue  threads
  [1,         50,    '100ms',   256,   4,                  50,    100,      256,   4],
  [4,         50,    '100ms',   256,   4,                  12,    400,      64,    1],
  [3,         50,    '100ms',   256,   8,                  16,    300,      85,    2],
  [8,         4,     '0s',      1,     2,                  1,     0,        1,     1],
])('A7: %i processes share what the whole may: %i wrong passwords, one each %s', (processes, burst, interval, queue, threads, ...each) => {
  const config = load({ 'auth.wrong-password-burst': `${burst}`, 'auth.wrong-password-interval': interval, 'auth.hash-queue': `${queue}`, 'auth.hash-threads': `${threads}` })
  const { auth, ...others } = shareOf(config, processes)
  expect([auth.wrongPasswordBurst, auth.wrongPasswordInterval, auth.hashQueue, auth.hashThreads]).toEqual(each)
  expect(auth).toEqual({ ...config.auth, wrongPasswordBurst: each[0], wrongPasswordInterval: each[1], hashQueue: each[2], hashThreads: each[3] })
  expect({ ...others, auth: config.auth }).toEqual(config)
})

test('the sample API has one process, whatever is asked for', () => {
  expect(workerCount(load({ 'http.workers': '3' }))).toBe(1)
  expect(workerCount(load({ 'http.workers': '3', 'gateway.kapacitor-url': 'http://127.0.0.1:1' }))).toBe(3)
  expect(workerCount(load({ 'http.workers': 'auto', 'gateway.kapacitor-url': 'http://127.0.0.1:1' }))).toBeGreaterThan(0)
})

const metric = (type: string, name: string, value: number, labels = {}) => ({ name, type, help: name, aggregator: 'sum', values: [{ value, labels }] })
const read = (text: string) => Object.fromEntries([...text.matchAll(/^([^#\s]+) (\S+)$/gm)].map(([, name, value]) => [name, Number(value)]))

test('A7: what a process had counted is kept when it has ended, what it held is not', async () => {
  const metrics = createWorkerMetrics<string>()
  const of = (count: number) => [metric('counter', 'c', count, { code: 'x' }), metric('histogram', 'h_sum', count), metric('gauge', 'g', count)]
  const all = async () => read(await metrics.text())
  metrics.note('one', of(1))
  metrics.note('two', of(20))
  expect(await all()).toMatchObject({ 'c{code="x"}': 21, g: 21 })
  metrics.keep('two')
  metrics.keep('never noted')
  expect(await all()).toMatchObject({ 'c{code="x"}': 21, g: 1 })
  metrics.note('three', of(300))
  metrics.keep('three')
  metrics.note('one', of(2))
  expect(await all()).toMatchObject({ 'c{code="x"}': 322, g: 2 })
  metrics.keep('one')
  expect(await all()).toMatchObject({ 'c{code="x"}': 322 })
})
