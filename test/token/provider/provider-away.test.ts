import type { RequestListener } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { AuthError } from '../../../src/errors.js'
import type { ProviderOptions } from '../../../src/token/provider/provider-options.js'
import type { FetchOutcome } from '../../../src/token/provider/provider-outcomes.js'
import { createProviderVerifier, type ProviderTokenClaims } from '../../../src/token/provider/provider-verifier.js'
import { makeCertificates } from '../../support/certificates.js'
import { keptTime } from '../../support/kept-time.js'
import { CERTS, startChecked } from '../../support/provider/checked.js'
import { newSigningKey } from '../../support/provider/signing-key.js'
import { until } from '../../support/until.js'

const KEY = newSigningKey('ES256')
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const LONG = { exp: 2_000_000_000 }

const AWAY: [string, RequestListener, FetchOutcome][] = [
  // says             answer                                                        outcome
  ['answers 500',     (_request, response) => response.writeHead(500).end('{}'),    'status'],
  ['is cut',          (request) => request.socket.destroy(),                        'unreachable'],
  ['hangs',           () => undefined,                                              'timeout'],
  ['hangs halfway',   (_request, response) => response.write('{"keys":['),          'timeout'],
]

test.each(AWAY)('OIDC 20: the provider %s: known keys go on, and it is asked ever less often', (_says, answer, outcomeName) => keptTime(75, async (limit) => {
  const { outcome, claims, server, clock, status, events } = await startChecked([KEY], { timeout: limit })
  const token = KEY.token(claims(LONG))
  expect(await outcome(token)).toBe('in')
  server.pages.set(CERTS, answer)
  clock.advance(10 * MINUTE)
  const asked: number[] = []
  for (const pause of [0, 9_999, 1, 19_999, 1, 39_999, 1, 79_999, 1, 159_999, 1, 299_999, 1, 299_999, 1]) {
    clock.advance(pause)
    const before = status().outcomes.fetches
    expect(await outcome(token)).toBe('in')
    const isDue = asked.length % 2 === 0
    if (isDue) await until(() => status().outcomes.fetches[outcomeName] > before[outcomeName])
    asked.push(server.asked.length)
  }
  // Once at first, then one in each pause: 10 s, 20 s, … 5 minutes
  expect(asked.map((count) => count - 1)).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8])
  expect(events.filter(({ kind }) => kind === 'away')).toHaveLength(1)
  expect(events.at(-1)?.message).toMatch(/cannot be fetched: .*; 1 known key will be used meanwhile$/)
}))

test.each(AWAY)('OIDC 20: nothing is known, and the provider %s: 503 with Retry-After, one question', (_says, answer) => keptTime(75, async (limit) => {
  const { verify, claims, server, clock, publish, outcome, events } = await startChecked([], { timeout: limit })
  server.pages.set(CERTS, answer)
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => verify(KEY.token(claims({ sub: `user-${i}` })))))
  for (const error of answers) {
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject({ code: 'ERR_PROVIDER_UNAVAILABLE', status: 503, message: 'identity provider unavailable', headers: { 'Retry-After': '10' } })
  }
  clock.advance(9_000)
  expect(await verify(KEY.token(claims()))).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } })
  expect(server.asked).toHaveLength(1)
  publish(KEY)
  clock.advance(1_000)
  expect(await outcome(KEY.token(claims()))).toBe('in')
  expect(events.map(({ kind }) => kind)).toEqual(['away', 'back', 'keys'])
}))

test('OIDC 20: what needs no key to be refused is refused, not put off', async () => {
  const { outcome, claims, server } = await startChecked([])
  server.pages.delete(CERTS)
  expect(await outcome(KEY.token(claims({ exp: 1 })))).toMatch(/^401 invalid token: it expired/)
  expect(await outcome(KEY.token(claims({ iss: 'x' })))).toMatch(/^401 invalid token: its issuer/)
  expect(server.asked).toEqual([])
  expect(await outcome(KEY.token(claims()))).toMatch(/^503/)
})

test('OIDC 20: whether an unknown key is new cannot be told while the provider is away', async () => {
  const { verify, outcome, claims, server, publish, clock } = await startChecked([KEY])
  expect(await outcome(KEY.token(claims()))).toBe('in')
  server.pages.delete(CERTS)
  clock.advance(MINUTE)
  const stranger = newSigningKey('ES256', 'new')
  expect(await outcome(stranger.token(claims()))).toBe('503 identity provider unavailable')
  expect(await outcome(newSigningKey('ES256').token(claims()))).toBe('401 invalid token: its signature is not valid')
  expect(await outcome(KEY.token(claims()))).toBe('in')
  expect(server.asked).toHaveLength(2)
  publish(KEY, stranger)
  clock.advance(9_999)
  expect(await verify(stranger.token(claims()))).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } })
  clock.advance(1)
  expect(await outcome(stranger.token(claims()))).toBe('in')
})

test('OIDC 20: known keys go on for keep-keys, and no longer', async () => {
  const { verify, outcome, claims, server, clock, isCurrent, status, events } = await startChecked([KEY], { keepKeys: HOUR })
  const token = KEY.token(claims(LONG))
  const remembered = (await verify(token)) as ProviderTokenClaims
  server.pages.delete(CERTS)
  clock.advance(HOUR)
  expect([await outcome(token), isCurrent(remembered)]).toEqual(['in', true])
  clock.advance(1)
  expect([isCurrent(remembered), await outcome(token)]).toEqual([false, '503 identity provider unavailable'])
  expect(status()).toMatchObject({ keys: 0, lastError: expect.stringContaining('404') })
  expect(events.map(({ kind }) => kind)).toEqual(['keys', 'away', 'expired'])
})

test.each([[-5], [-HOUR], [HOUR]])('OIDC 20: the system clock is set by %i ms right after a fetch: the keys are as old as before', async (by) => {
  const { outcome, claims, server, clock, wall, isCurrent, verify, status } = await startChecked([KEY], { keepKeys: HOUR, maxAge: 0, clockSkew: 2 * HOUR })
  const token = KEY.token(claims(LONG))
  const remembered = (await verify(token)) as ProviderTokenClaims
  server.pages.delete(CERTS)
  wall.set = by
  expect([isCurrent(remembered), await outcome(token), status().keys]).toEqual([true, 'in', 1])
  clock.advance(HOUR)
  expect([isCurrent(remembered), await outcome(token)]).toEqual([true, 'in'])
  clock.advance(1)
  expect(isCurrent(remembered)).toBe(false)
})

test('OIDC 20: a verifier is made without a provider, at once; nothing listens there', async () => {
  const verifier = createProviderVerifier({ jwksEndpoint: `http://127.0.0.1:1${CERTS}`, clientIds: ['x'] })
  onTestFinished(() => verifier.close())
  expect(verifier.status()).toMatchObject({ keys: 0 })
  verifier.refresh()
  await until(() => verifier.status().lastError !== undefined)
  expect(verifier.status().lastError).toMatch(/cannot be reached: .*ECONNREFUSED|bad port/)
})

test('closing ends a fetch that is running, and there is no other', async () => {
  const { verify, claims, server, close, status } = await startChecked([])
  server.pages.set(CERTS, () => close())
  expect(await verify(KEY.token(claims()))).toMatchObject({ status: 503 })
  expect(await verify(KEY.token(claims()))).toMatchObject({ status: 503 })
  expect(server.asked).toHaveLength(1)
  expect(status().outcomes.fetches).toEqual({ success: 0, timeout: 0, unreachable: 0, status: 0, invalid: 0 })
})

test('OIDC 20: a configuration that is read again while the provider is away: its keys go on, and tokens are judged anew', async () => {
  const pem = await makeCertificates()
  const { verify, claims, server, clock, known, issuer } = await startChecked([KEY])
  const token = KEY.token(claims(LONG))
  const before = (await verify(token)) as ProviderTokenClaims
  server.pages.delete(CERTS)
  const again = (clientIds: readonly string[], options: ProviderOptions = {}) => {
    const verifier = createProviderVerifier({ jwksEndpoint: server.origin + CERTS, clientIds, now: clock, clock, known: known(), ...options })
    onTestFinished(() => verifier.close())
    return verifier
  }
  const same = again([claims().aud])
  expect(await same.verify(token)).toMatchObject({ subject: 'ann' })
  expect(same.isCurrent(before)).toBe(false)
  await until(() => same.status().lastError !== undefined)
  expect(same.status()).toMatchObject({ keys: 1, outcomes: { fetches: { status: 1 } } })
  expect(await again(['another']).verify(token)).toMatchObject({ status: 401 })
  // Of another provider, nothing is taken over
  expect(await again([claims().aud], { issuer: `${issuer}/` }).verify(KEY.token(claims({ iss: `${issuer}/` })))).toMatchObject({ status: 503 })
  // Nor what was fetched while another authority could vouch for the server
  expect(await again([claims().aud], { ca: pem.ca }).verify(token)).toMatchObject({ status: 503 })
  // Nor is it for longer than keep-keys
  clock.advance(25 * HOUR)
  expect(await again([claims().aud]).verify(token)).toMatchObject({ status: 503 })
})
