import { describe, expect, test } from 'vitest'
import { createAsk } from '../../src/meta-client/wire/ask.js'
import type { Outcome } from '../../src/meta-client/wire/attempt.js'
import type { MetaClientEvent, MetaRequest } from '../../src/meta-client/wire/event.js'
import { invalidAnswer } from '../../src/meta-client/wire/refusal.js'
import { settle } from '../support/manual-clock.js'
import { rejection } from './rejection.js'

const ANSWER = { status: 200, location: undefined, body: new Uint8Array() }

/** What a node does when it is asked, after so many milliseconds. */
type Behaviour = { after?: number; fails?: string; nonsense?: boolean; leader?: string }

interface Limits { timeout?: number; attemptTimeout?: number; random?: () => number }

/** A client whose nodes do as they are told, on a clock that only tries and pauses move. */
function harness(nodes: Record<string, Behaviour>, { timeout = 5000, attemptTimeout = 2000, random = () => 1 }: Limits = {}) {
  let time = 0
  const asked: string[] = []
  const budgets: number[] = []
  const pauses: number[] = []
  const events: MetaClientEvent[] = []
  const observed: MetaRequest[] = []
  const { ask, close } = createAsk({
    nodes: Object.keys(nodes),
    timeout,
    attemptTimeout,
    clock: () => time,
    random,
    sleep: async (ms) => {
      pauses.push(ms)
      time += ms
    },
    log: (event) => events.push(event),
    observe: (request) => observed.push(request),
    async attempt(node, _target, budget): Promise<Outcome> {
      asked.push(node)
      budgets.push(budget)
      const { after = 0, fails, leader = node } = nodes[node] as Behaviour
      time += Math.min(after, budget)
      if (after > budget) return { node, failure: 'ETIMEDOUT' }
      return fails === undefined ? { node: leader, answer: ANSWER } : { node, failure: fails }
    },
  })
  return {
    question: () => ask({ path: '/user', query: '?name=ann', read: () => {
      if (nodes[asked.at(-1) as string]?.nonsense) throw invalidAnswer('nonsense')
      return asked.at(-1)
    } }),
    nodes, asked, budgets, pauses, events, observed, close, time: () => time,
  }
}

test.each<[string, Record<string, Behaviour>, string[]]>([
  // says                                     nodes                                                         asked
  ['one that answers',                        { a: {} },                                                    ['a']],
  ['the first of several',                    { a: {}, b: {}, c: {} },                                      ['a']],
  ['the next when one is down',               { a: { fails: 'ECONNREFUSED' }, b: {}, c: {} },               ['a', 'b']],
  ['the next when one is slow',               { a: { after: 9000 }, b: {}, c: {} },                         ['a', 'b']],
  ['the third when one is down and one slow', { a: { fails: 'HTTP 500' }, b: { after: 2001 }, c: {} },      ['a', 'b', 'c']],
])('asked is %s', async (_says, nodes, asked) => {
  const h = harness(nodes)
  expect(await h.question()).toBe(asked.at(-1))
  expect(h.asked).toEqual(asked)
  expect(h.pauses).toEqual([])
})

test('the one that answered last comes first, then in order and round', async () => {
  const h = harness({ a: { fails: 'ECONNREFUSED' }, b: {}, c: {} })
  await h.question()
  await h.question()
  h.nodes.b = { fails: 'HTTP 502' }
  await h.question()
  h.nodes.a = {}
  h.nodes.c = { fails: 'ECONNRESET' }
  await h.question()
  expect(h.asked).toEqual(['a', 'b', /**/ 'b', /**/ 'b', 'c', /**/ 'c', 'a'])
})

test('a leader that answered comes first', async () => {
  const h = harness({ a: { leader: 'c' }, b: {}, c: {} })
  await h.question()
  await h.question()
  expect(h.asked).toEqual(['a', 'c'])
})

test('nonsense is an answer: nobody else is asked, and it makes no node the first', async () => {
  const h = harness({ a: { fails: 'ECONNREFUSED' }, b: { nonsense: true }, c: {} })
  expect(await rejection(h.question())).toMatchObject({ code: 'ERR_META_INVALID' })
  expect(await rejection(h.question())).toMatchObject({ code: 'ERR_META_INVALID' })
  expect(h.asked).toEqual(['a', 'b', 'a', 'b'])
  expect(h.events.filter(({ event }) => event === 'answer-refused')).toHaveLength(2)
})

test('pauses come once every node has failed, double, and have a limit', async () => {
  const h = harness({ a: { fails: 'ECONNREFUSED' }, b: { fails: 'ECONNREFUSED' } })
  expect(await rejection(h.question())).toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
  expect(h.pauses).toEqual([100, 200, 400, 800, 1000, 1000, 1000])
  expect(h.asked).toEqual(Array(8).fill(['a', 'b']).flat())
})

test('pauses differ', async () => {
  const numbers = [0, 0.5, 0.999]
  const h = harness({ a: { fails: 'ECONNREFUSED' } }, { timeout: 600, random: () => numbers.shift() ?? 1 })
  await rejection(h.question())
  expect(h.pauses).toEqual([50, 150, expect.closeTo(399.8, 3)])
})

test('a node that comes back while all were down is found', async () => {
  const h = harness({ a: { after: 50, fails: 'ECONNREFUSED' } })
  const question = h.question()
  h.nodes.a = { after: 50 }
  expect(await question).toBe('a')
  expect(h.pauses).toEqual([100])
})

test.each<[string, Record<string, Behaviour>, { timeout: number; attemptTimeout: number }, number[]]>([
  // says                           nodes                                                    options                                   budgets
  ['slow nodes share what is left', { a: { after: 9999 }, b: { after: 9999 }, c: { after: 9999 } }, { timeout: 5000, attemptTimeout: 2000 }, [2000, 2000, 1000]],
  ['a try is no longer than all',   { a: { after: 9999 } },                                  { timeout: 500, attemptTimeout: 2000 },   [500]],
  ['no pause that ends too late',   { a: { after: 400, fails: 'HTTP 500' } },                { timeout: 500, attemptTimeout: 2000 },   [500]],
])('the deadline holds: %s', async (_says, nodes, options, budgets) => {
  const h = harness(nodes, options)
  expect(await rejection(h.question())).toMatchObject({ code: 'ERR_META_UNAVAILABLE', message: 'meta node unavailable' })
  expect(h.budgets).toEqual(budgets)
  expect(h.time()).toBeLessThanOrEqual(options.timeout)
})

test('the cause names each node with its last failure', async () => {
  const h = harness({ a: { fails: 'ECONNREFUSED' }, b: { after: 9000 } }, { timeout: 1000 })
  const error = await rejection(h.question())
  expect(error?.cause).toEqual(new Error('/user: a ECONNREFUSED, b ETIMEDOUT'))
  expect(h.events).toEqual([
    { event: 'attempt-failed', node: 'a', path: '/user', code: 'ECONNREFUSED' },
    { event: 'attempt-failed', node: 'b', path: '/user', code: 'ETIMEDOUT' },
  ])
})

test('close ends a pause, and nobody is asked again', async () => {
  let asked = 0
  const { ask, close } = createAsk({
    nodes: ['a'],
    timeout: 1e6,
    attemptTimeout: 1e6,
    random: () => 1,
    attempt: async () => {
      if (++asked === 5) setImmediate(close)
      return { node: 'a', failure: 'ECONNREFUSED' }
    },
    sleep: (ms, signal) => new Promise((resolve, reject) => {
      if (ms < 1000) resolve()
      else signal.addEventListener('abort', () => reject(signal.reason))
    }),
  })
  const error = await rejection(ask({ path: '/role', query: '', read: () => 1 }))
  expect(error).toMatchObject({ code: 'ERR_META_UNAVAILABLE', cause: new Error('meta client is closed') })
  expect(asked).toBe(5)
})

describe('D5: only so many questions are asked at a time', () => {
  function crowd() {
    let time = 0
    const asked: { target: string; budget: number; answer: () => void }[] = []
    const { ask, close } = createAsk({
      nodes: ['a'],
      timeout: 5000,
      attemptTimeout: 2000,
      concurrent: 2,
      clock: () => time,
      attempt: (node, target, budget) =>
        new Promise((resolve) => asked.push({ target, budget, answer: () => resolve({ node, answer: ANSWER }) })),
    })
    const questions = [1, 2, 3, 4].map((i) => ask({ path: '/user', query: `?${i}`, read: () => i }).catch((error) => error.code))
    return { asked, questions, close, pass: (ms: number) => { time += ms } }
  }

  test('the others wait in order, and their time begins when it is their turn', async () => {
    const { asked, questions, pass } = crowd()
    expect(asked.map(({ target }) => target)).toEqual(['/user?1', '/user?2'])
    for (let i = 0; i < 4; i++) {
      pass(10_000)
      asked[i]?.answer()
      expect(await questions[i]).toBe(i + 1)
      await settle()
    }
    expect(asked.map(({ target, budget }) => [target, budget])).toEqual([1, 2, 3, 4].map((i) => [`/user?${i}`, 2000]))
  })

  test('those that wait when the client is closed are not asked', async () => {
    const { asked, questions, close } = crowd()
    close()
    for (const { answer } of asked) answer()
    expect(await Promise.all(questions)).toEqual([1, 2, 'ERR_META_UNAVAILABLE', 'ERR_META_UNAVAILABLE'])
    expect(asked).toHaveLength(2)
  })
})

test('B4: a node that answers again is reported, once', async () => {
  const h = harness({ a: { fails: 'ECONNREFUSED' }, b: {} })
  await h.question()
  h.nodes.a = {}
  h.nodes.b = { fails: 'HTTP 500' }
  await h.question()
  await h.question()
  expect(h.events.map(({ event, node }: Partial<Record<string, unknown>>) => [event, node])).toEqual([
    ['attempt-failed', 'a'], ['attempt-failed', 'b'], ['node-up', 'a'],
  ])
})

test('each try is observed: how long it took, and what came of it', async () => {
  const h = harness({ a: { after: 30, fails: 'HTTP 500' }, b: { after: 9000 }, c: { after: 5, fails: 'ECONNRESET' }, d: { after: 7 }, e: { after: 3, nonsense: true } })
  await h.question()
  h.nodes.d = { after: 2, fails: 'ERR_TLS_CERT_ALTNAME_INVALID' }
  await rejection(h.question())
  expect(h.observed).toEqual([
    { milliseconds: 30,   outcome: 'server' },
    { milliseconds: 2000, outcome: 'timeout' },
    { milliseconds: 5,    outcome: 'network' },
    { milliseconds: 7,    outcome: 'ok' },
    { milliseconds: 2,    outcome: 'network' },
    { milliseconds: 3,    outcome: 'invalid' },
  ])
})

test('a try that close ends is not observed', async () => {
  const observed: MetaRequest[] = []
  const { ask, close } = createAsk({
    nodes: ['a'],
    timeout: 1e6,
    attemptTimeout: 1e6,
    observe: (request) => observed.push(request),
    attempt: (node, _target, _budget, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({ node, failure: 'ABORT_ERR' }))),
  })
  const question = rejection(ask({ path: '/user', query: '', read: () => true }))
  close()
  await question
  expect(observed).toEqual([])
})
