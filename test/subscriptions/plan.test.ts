import { describe, expect, test } from 'vitest'
import { readDestination } from '../../src/subscriptions/destination.js'
import type { Subscription } from '../../src/subscriptions/influxdb-subscription.js'
import { planSubscriptions } from '../../src/subscriptions/plan.js'
import { isKapacitors, numberIn, subscriptionName } from '../../src/subscriptions/subscription-name.js'
import type { ListedToken } from '../../src/subscriptions/subscription-tokens.js'
import { createWanted } from '../../src/subscriptions/wanted.js'

const ADDRESS = 'http://gateway:9092'
const name = (number: number, address = ADDRESS) => subscriptionName(address, number)
const telegraf = { database: 'telegraf', policy: 'autogen' }
const url = (token: string, host = 'gateway:9092', user = '~subscriber') => `http://${user}:${token}@${host}`
const subscription = (number: number, destination: string, more: Partial<Subscription> = {}): Subscription =>
  ({ ...telegraf, name: name(number), mode: 'ANY', destinations: [destination], ...more })
const token = (text: string, more: Partial<ListedToken> = {}): ListedToken => ({ ...telegraf, id: `id of ${text}`, gateway: ADDRESS, createdAt: 0, ...more })
const tokenAmong = (tokens: ListedToken[]) => ({ destinations: [text = ''] }: Subscription) => tokens.find(({ id }) => id === `id of ${readDestination(text)?.token}`)

const never = () => false

function plan(subscriptions: Subscription[], tokens: ListedToken[], isWanted = () => true) {
  const { kept, missing, unwanted, unusedTokens } = planSubscriptions({ address: ADDRESS, isWanted, policies: [telegraf], subscriptions, tokens, isTooOld: never, tokenOf: tokenAmong(tokens) })
  return {
    kept: kept.map((one) => numberIn(one.name, ADDRESS)),
    made: missing.map((one) => [numberIn(one.name, ADDRESS), one.reason, ...one.replaced.map((old) => numberIn(old.name, ADDRESS))]),
    dropped: unwanted.map((one) => numberIn(one.name, ADDRESS)),
    unused: unusedTokens,
  }
}

const GOOD = subscription(3, url('t'))
const NOTHING = { kept: [], made: [], dropped: [], unused: [] }

describe('what has to be done with a retention policy', () => {
  test.each<[string, Subscription[], ListedToken[], Partial<ReturnType<typeof plan>>]>([
    ['nothing is there',                        [],                                                                  [],                                  { made: [[1, 'there was none']] }],
    ['it is as it should be',                   [GOOD],                                                              [token('t')],                        { kept: [3] }],
    ['a token that was made by hand',           [GOOD],                                                              [token('t', { gateway: undefined })], { kept: [3] }],
    ['no such token',                           [GOOD],                                                              [],                                  { made: [[4, 'its token is not valid', 3]] }],
    ['the token of another policy',             [GOOD],                                                              [token('t', { policy: 'week' })],    { made: [[4, 'its token is not valid', 3]], unused: ['id of t'] }],
    ['the token of another database',           [GOOD],                                                              [token('t', { database: 'x' })],     { made: [[4, 'its token is not valid', 3]], unused: ['id of t'] }],
    ['another host',                            [subscription(1, url('t', 'evil:9092'))],                            [token('t')],                        { made: [[2, 'it pointed somewhere else', 1]], unused: ['id of t'] }],
    ['another port',                            [subscription(1, url('t', 'gateway:9093'))],                         [token('t')],                        { made: [[2, 'it pointed somewhere else', 1]], unused: ['id of t'] }],
    ['another scheme',                          [subscription(1, url('t').replace('http', 'https'))],                [token('t')],                        { made: [[2, 'it pointed somewhere else', 1]], unused: ['id of t'] }],
    ['UDP',                                     [subscription(1, 'udp://gateway:9092')],                             [],                                  { made: [[2, 'it pointed somewhere else', 1]] }],
    ['not a URL',                               [subscription(1, 'gateway')],                                        [],                                  { made: [[2, 'it pointed somewhere else', 1]] }],
    ['no credentials',                          [subscription(1, 'http://gateway:9092')],                            [],                                  { made: [[2, 'its token is not valid', 1]] }],
    ['another user',                            [subscription(1, url('t', 'gateway:9092', 'writer'))],               [token('t')],                        { made: [[2, 'its token is not valid', 1]], unused: ['id of t'] }],
    ['ALL',                                     [subscription(1, url('t'), { mode: 'ALL' })],                        [token('t')],                        { made: [[2, 'it was changed', 1]], unused: ['id of t'] }],
    ['a second destination',                    [{ ...GOOD, destinations: [url('t'), url('t', 'evil:1')] }],         [token('t')],                        { made: [[4, 'it was changed', 3]], unused: ['id of t'] }],
    ['no destination',                          [{ ...GOOD, destinations: [] }],                                     [token('t')],                        { made: [[4, 'it pointed somewhere else', 3]], unused: ['id of t'] }],
    ['two good ones: the newer stays',          [GOOD, subscription(4, url('u'))],                                   [token('t'), token('u')],            { kept: [4], dropped: [3], unused: ['id of t'] }],
    ['the newer one is bad: the older stays',   [GOOD, subscription(10, url('x'))],                                  [token('t')],                        { kept: [3], dropped: [10] }],
    ['two bad ones: one takes both places',     [subscription(9, url('x')), subscription(10, url('y'))],             [],                                  { made: [[11, 'its token is not valid', 10, 9]] }],
    ['a token without a subscription',          [GOOD],                                                              [token('t'), token('u')],            { kept: [3], unused: ['id of u'] }],
    ['one of another gateway without one',      [GOOD],                                                              [token('t'), token('u', { gateway: 'http://b:1' })], { kept: [3] }],
    ['one made by hand without one',            [GOOD],                                                              [token('t'), token('u', { gateway: undefined })], { kept: [3] }],
  ])('%s', (_says, subscriptions, tokens, expected) => {
    expect(plan(subscriptions, tokens)).toEqual({ ...NOTHING, ...expected })
  })

  test('what is not wanted, and what is of a policy that is gone, is dropped', () => {
    expect(plan([GOOD], [token('t')], () => false)).toEqual({ ...NOTHING, dropped: [3], unused: ['id of t'] })
    expect(plan([GOOD, { ...GOOD, policy: 'gone' }], [token('t')])).toEqual({ ...NOTHING, kept: [3], dropped: [3] })
  })

  test.each([
    ["somebody's",              'mine'],
    ["a Kapacitor's",           'kapacitor-11111111-2222-3333-4444-555555555555'],
    ["another gateway's",       name(1, 'http://b:9092')],
    ['one that looks like ours', `${name(1)}x`],
    ['ours, but with number 0', name(1).replace(/1$/, '0')],
  ])('%s is left alone', (_says, other) => {
    expect(plan([GOOD, { ...GOOD, name: other }], [token('t')])).toEqual({ ...NOTHING, kept: [3] })
  })
})

test("a Kapacitor's own, other gateways' and those made by hand for the same address are noticed beside ours only", () => {
  const byHand = { ...GOOD, name: 'mine', destinations: ['udp://x:1', url('of a user', 'gateway:9092', 'writer')] }
  const elsewhere = { ...byHand, name: 'elsewhere', destinations: [url('t', 'gateway:9093'), 'gateway:9092'] }
  const kapacitors = { ...GOOD, name: 'kapacitor-11111111-2222-3333-4444-555555555555' }
  const others = { ...GOOD, name: name(1, 'http://b:9092') }
  const subscriptions = [GOOD, kapacitors, others, { ...kapacitors, policy: 'week' }]
  const found = planSubscriptions({ address: ADDRESS, isWanted: ({ policy }) => policy === 'autogen', policies: [telegraf], subscriptions: [...subscriptions, byHand, elsewhere], tokens: [token('t')], isTooOld: never, tokenOf: tokenAmong([token('t')]) })
  expect(found).toMatchObject({ kapacitors: [kapacitors], otherGateways: [others] })
  expect(found.doubles).toEqual([byHand])
})

test.each([
  // name                                                          a Kapacitor's
  ['kapacitor',                                                    true],
  ['kapacitor-11111111-2222-3333-4444-555555555555',               true],
  ['kapacitor-auth-12345678-1',                                    false],
  ['kapacitor-11111111-2222-3333-4444-55555555555',                false],
  ['kapacitor-',                                                   false],
  ['my-kapacitor',                                                 false],
])('%s', (text, expected) => {
  expect(isKapacitors(text)).toBe(expected)
})

describe('include and exclude, as Kapacitor reads them', () => {
  const a = { database: 'a', policy: 'autogen' }
  const week = { database: 'a', policy: 'week' }
  const internal = { database: '_internal', policy: 'monitor' }
  test.each([
    // include        exclude       a      a.week  _internal
    [[],              [],           [true,  true,  true]],
    [[a],             [],           [true,  false, false]],
    [[a, week],       [],           [true,  true,  false]],
    [[],              [a],          [false, true,  true]],
    [[],              [internal],   [true,  true,  false]],
    [[a, week],       [week],       [true,  false, false]],
    [[a],             [a],          [false, false, false]],
    [[{ ...a, policy: 'AUTOGEN' }], [], [false, false, false]],
    [[{ ...a, database: 'b' }],     [], [false, false, false]],
  ])('%j without %j', (include, exclude, expected) => {
    const isWanted = createWanted({ include, exclude })
    expect([a, week, internal].map(isWanted)).toEqual(expected)
  })
})

test('those with tokens that are too old are replaced, the oldest first; nothing is that has no subscription', () => {
  const policies = ['a', 'b', 'c', 'd'].map((policy) => ({ database: 'telegraf', policy }))
  const subscriptions = policies.map(({ policy }, i) => subscription(i + 1, url(policy), { policy }))
  const tokens = [['a', 20], ['b', 10], ['c', 99], ['d', 30], ['unused', 1]].map(([text, createdAt]) => token(String(text), { policy: String(text), createdAt: Number(createdAt) }))
  const found = planSubscriptions({ address: ADDRESS, isWanted: () => true, policies, subscriptions, tokens, isTooOld: ({ createdAt }) => createdAt < 50, tokenOf: tokenAmong(tokens) })
  expect(found.outdated.map((one) => [one.policy, numberIn(one.name, ADDRESS), ...one.replaced.map((old) => numberIn(old.name, ADDRESS))])).toEqual([['b', 3, 2], ['a', 2, 1], ['d', 5, 4]])
  expect(found).toMatchObject({ kept: subscriptions, missing: [], unwanted: [], unusedTokens: ['id of unused'] })
})
