import { expect, test } from 'vitest'
import type { ProviderTokenClaims, ProviderVerifier } from '../../../src/token/provider/provider-verifier.js'
import { CERTS, startChecked } from '../../support/provider/checked.js'
import { newSigningKey } from '../../support/provider/signing-key.js'
import { until } from '../../support/until.js'

const OLD = newSigningKey('RS256', 'old')
const NEW = newSigningKey('RS256', 'new')
const MINUTE = 60_000

/** Until keys were fetched so many times. */
const fetched = ({ status }: { status: ProviderVerifier['status'] }, times: number) =>
  until(() => status().outcomes.fetches.success === times)

test('OIDC 18: a new key is known with one fetch, the old one goes on as long as it is published', async () => {
  const { outcome, claims, publish, server, clock, events } = await startChecked([OLD])
  expect(await outcome(OLD.token(claims()))).toBe('in')
  publish(OLD, NEW)
  clock.advance(MINUTE)
  const tokens = Array.from({ length: 50 }, (_, i) => NEW.token(claims({ sub: `user-${i}` })))
  expect(new Set(await Promise.all(tokens.map(outcome)))).toEqual(new Set(['in']))
  expect(await outcome(OLD.token(claims()))).toBe('in')
  expect(server.asked).toEqual([CERTS, CERTS])
  expect(events.map(({ kind, message }) => [kind, message])).toEqual([
    ['keys', `the identity provider's keys: 1 key added ("old")`],
    ['keys', `the identity provider's keys: 1 key added ("new")`],
  ])
})

test('OIDC 18: a withdrawn key is refused after the next refresh, also if its token was taken before', async () => {
  const { verify, outcome, isCurrent, claims, publish, status, clock, events } = await startChecked([OLD])
  const token = OLD.token(claims({ exp: 2_000_000_000 }))
  const remembered = (await verify(token)) as ProviderTokenClaims
  publish(NEW)
  clock.advance(9 * MINUTE)
  expect([await outcome(token), isCurrent(remembered)]).toEqual(['in', true])
  clock.advance(MINUTE)
  expect(isCurrent(remembered)).toBe(true)
  await fetched({ status }, 2)
  expect(isCurrent(remembered)).toBe(false)
  expect(await outcome(token)).toBe('401 invalid token: it is signed with key "old" (RS256), which the provider does not publish')
  expect(events.at(-1)?.message).toBe(`the identity provider's keys: 1 key added ("new"); 1 key withdrawn ("old")`)
})

test('OIDC 18: a key that stays is the same one: what was taken by it stays taken', async () => {
  const { verify, isCurrent, claims, publish, status, clock } = await startChecked([OLD])
  const remembered = (await verify(OLD.token(claims()))) as ProviderTokenClaims
  publish(NEW, OLD)
  clock.advance(10 * MINUTE)
  expect(isCurrent(remembered)).toBe(true)
  await fetched({ status }, 2)
  expect(isCurrent(remembered)).toBe(true)
})

test('OIDC 18: where nobody asked for long, the old keys are not trusted before they were fetched again', async () => {
  const { outcome, claims, publish, server, clock } = await startChecked([OLD])
  const token = OLD.token(claims({ exp: 2_000_000_000 }))
  expect(await outcome(token)).toBe('in')
  publish(NEW)
  clock.advance(20 * MINUTE)
  expect(new Set(await Promise.all([outcome(token), outcome(token)]))).toEqual(
    new Set(['401 invalid token: it is signed with key "old" (RS256), which the provider does not publish']),
  )
  expect(server.asked).toHaveLength(2)
})

test.each([
  ['with a new key',           newSigningKey('RS256', 'old')],
  ['with another algorithm',   newSigningKey('ES256', 'old')],
  ['with PSS instead',         newSigningKey('PS256', 'old')],
])('OIDC 18: the same kid %s', async (_says, replaced) => {
  const { outcome, claims, publish, server, clock } = await startChecked([OLD])
  expect(await outcome(OLD.token(claims()))).toBe('in')
  publish(replaced)
  clock.advance(MINUTE)
  expect(await outcome(replaced.token(claims()))).toBe('in')
  expect(await outcome(OLD.token(claims()))).toMatch(/^401/)
  expect(server.asked).toHaveLength(2)
})

test('OIDC 18: an algorithm is the key\'s, not the token\'s', async () => {
  const { outcome, claims } = await startChecked([OLD])
  const pss = newSigningKey('PS256', 'old')
  expect(await outcome(pss.token(claims()))).toMatch(/^401 invalid token: it is signed with key "old" \(PS256\)/)
  expect(await outcome(OLD.token(claims(), { alg: 'RS512' }))).toMatch(/^401/)
})

test('a token without kid is tried with ten keys at most', async () => {
  const keys = Array.from({ length: 12 }, (_, i) => newSigningKey('ES256', `key-${i}`))
  const { outcome, claims } = await startChecked([OLD, ...keys])
  const said = await Promise.all(keys.map((key) => outcome(key.token(claims(), { kid: undefined }))))
  expect(said).toEqual([...Array(10).fill('in'), ...Array(2).fill('401 invalid token: its signature is not valid')])
  expect(await outcome(OLD.token(claims(), { kid: undefined }))).toBe('in')
  expect(await outcome(newSigningKey('ES384').token(claims(), { kid: undefined }))).toBe('401 invalid token: the provider has no key for ES384')
})

test('the clock set back does no harm', async () => {
  const { outcome, claims, publish, clock, wall } = await startChecked([OLD], { clockSkew: 100 * MINUTE })
  expect(await outcome(OLD.token(claims()))).toBe('in')
  publish(NEW)
  wall.set = -60 * MINUTE
  clock.advance(MINUTE)
  expect(await outcome(NEW.token(claims()))).toBe('in')
})
