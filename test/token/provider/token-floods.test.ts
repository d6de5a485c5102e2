import { expect, test } from 'vitest'
import { heldMemory } from '../../support/held-memory.js'
import { startChecked } from '../../support/provider/checked.js'
import { newSigningKey, type SigningKey } from '../../support/provider/signing-key.js'

const KEY = newSigningKey('ES256', 'ours')
const STRANGER = newSigningKey('ES256', 'ours')
const PAUSE = 30_000

type Claims = Awaited<ReturnType<typeof startChecked>>['claims']

/** Tokens of a kind: every one another. */
const FLOODS: Record<string, (claims: Claims, i: number) => string> = {
  'unknown kids':       (claims, i) => STRANGER.token(claims(), { kid: `kid-${i}` }),
  'forged signatures':  (claims, i) => forged(STRANGER, claims, i),
  'expired tokens':     (claims, i) => KEY.token(claims({ exp: 1 + i })),
  'foreign issuers':    (claims, i) => KEY.token(claims({ iss: `https://${i}.example` })),
  'nonsense':           (_claims, i) => `${i}.${i}.${i}`,
}
const forged = (key: SigningKey, claims: Claims, i: number) => key.token(claims({ sub: `user-${i}` }))

test.each([
  // flood                 fetches in the first, second and third pause
  ['unknown kids',         [1, 1, 1]],
  ['forged signatures',    [1, 1, 1]],
  ['expired tokens',       [0, 0, 0]],
  ['foreign issuers',      [0, 0, 0]],
  ['nonsense',             [0, 0, 0]],
])('OIDC 19: 200 %s: at most one fetch per pause, and good users go on', async (flood, expected) => {
  const { outcome, claims, server, clock, status } = await startChecked([KEY])
  expect(await outcome(KEY.token(claims()))).toBe('in')
  const fetches: number[] = []
  for (let round = 0; round < 3; round++) {
    const before = server.asked.length
    clock.advance(PAUSE)
    const tokens = Array.from({ length: 200 }, (_, i) => (FLOODS[flood] as (typeof FLOODS)[string])(claims, i))
    const [good, ...said] = await Promise.all([KEY.token(claims({ sub: `bob-${round}` })), ...tokens].map(outcome))
    expect(good).toBe('in')
    expect(said.every((text) => text.startsWith('401 '))).toBe(true)
    fetches.push(server.asked.length - before)
  }
  expect(fetches).toEqual(expected)
  expect(status().outcomes.tokens.accepted).toBe(4)
})

test('10,000 forged, unknown and expired tokens: one fetch, and no more memory than before', { timeout: 120_000 }, async () => {
  const { outcome, claims, server, status } = await startChecked([KEY])
  expect(await outcome(KEY.token(claims()))).toBe('in')
  const wave = async (from: number) => {
    const kinds = [FLOODS['unknown kids'], FLOODS['forged signatures'], FLOODS['expired tokens']] as const
    for (let i = from; i < from + 2000; i += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, j) => outcome((kinds[(i + j) % 3] as (typeof FLOODS)[string])(claims, i + j))))
    }
    return heldMemory()
  }
  const first = await wave(0)
  let last = first
  for (let round = 1; round < 5; round++) last = await wave(2000 * round)
  expect(server.asked).toHaveLength(1)
  expect(last - first).toBeLessThan(2_000_000)
  const { unknown_key, signature, expired } = status().outcomes.tokens
  expect(unknown_key + signature + expired).toBe(10_000)
})
