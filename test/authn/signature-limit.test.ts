import { describe, expect, test } from 'vitest'
import { type AttemptsOptions, createAttempts } from '../../src/authn/passwords/attempts.js'
import { createProviderCheck, wrongSignature } from '../../src/authn/subjects/provider-check.js'
import { createSubjectList } from '../../src/authn/subjects/subject-list.js'
import { createSubjects } from '../../src/authn/subjects/subjects.js'
import { AuthError } from '../../src/errors.js'
import { SECONDS, startChecked } from '../support/provider/checked.js'
import { newSigningKey } from '../support/provider/signing-key.js'
import { until } from '../support/until.js'

const KEY = newSigningKey('ES256', 'ours')
const STRANGER = newSigningKey('ES256', 'ours')
const HERE = '192.0.2.1'
const THERE = '192.0.2.2'
const INTERVAL = 100
const BURST = 5

async function setUp(options: AttemptsOptions = {}) {
  const { claims, clock, status, server, publish, ...verifier } = await startChecked([KEY])
  const attempts = createAttempts({ interval: INTERVAL, burst: BURST, now: clock, what: 'tokens', isWrong: wrongSignature, ...options })
  const subjects = createSubjects(createSubjectList({ admins: ['ann'] }))
  const check = createProviderCheck({ verifier: { ...verifier, status }, subjects, onGroupsProblem: () => {} }, { attempts, now: clock })
  /** What a request from there is answered; a remembered token is not verified, as in the authenticator. */
  const ask = async (token: string, origin?: string) => {
    const answer = check.remembered(token) ?? (await check.verify(token, origin))
    return answer instanceof AuthError ? answer.status : 'in'
  }
  let made = 0
  const good = (changes: Record<string, unknown> = {}) => KEY.token(claims({ jti: made++, exp: SECONDS + 86_400, ...changes }))
  const forged = () => STRANGER.token(claims({ jti: made++ }))
  const verified = () => status().outcomes.tokens.signature + status().outcomes.tokens.accepted
  return { ask, check, clock, good, forged, claims, verified, server, publish, outcomes: () => status().outcomes.tokens }
}

type World = Awaited<ReturnType<typeof setUp>>
const flood = async ({ ask, forged }: World, count: number, origin = HERE) => {
  const said: unknown[] = []
  for (let i = 0; i < count; i++) said.push(await ask(forged(), origin))
  return said
}

describe('wrong signatures use up an allowance of their network', () => {
  test('so many at once, then one each interval', async () => {
    const world = await setUp()
    expect(await flood(world, 8)).toEqual([...Array(BURST).fill(401), ...Array(3).fill(429)])
    world.clock.advance(INTERVAL - 1)
    expect(await flood(world, 1)).toEqual([429])
    world.clock.advance(1)
    expect(await flood(world, 2)).toEqual([401, 429])
    expect(world.outcomes()).toMatchObject({ signature: BURST + 1, limited: 5 })
  })

  test('a thousand at once do not get around it', async () => {
    const world = await setUp()
    expect(await world.ask(world.good(), THERE)).toBe('in')
    const said = await Promise.all(Array.from({ length: 1_000 }, () => world.ask(world.forged(), HERE)))
    expect(said.filter((status) => status === 429)).toHaveLength(1_000 - BURST)
    expect(world.verified()).toBe(BURST + 1)
  })

  test('10,000 over a minute cost no more than that', async () => {
    const world = await setUp()
    for (let i = 0; i < 1_000; i++) {
      await Promise.all(Array.from({ length: 10 }, () => world.ask(world.forged(), HERE)))
      world.clock.advance(60)
    }
    expect(world.verified()).toBeLessThanOrEqual(BURST + (1_000 * 60) / INTERVAL)
  })

  test('the refusal says how long to wait', async () => {
    const world = await setUp({ interval: 3_000 })
    await flood(world, BURST)
    const refusal = await world.check.verify(world.forged(), HERE)
    expect(refusal).toMatchObject({ code: 'ERR_TOO_MANY_ATTEMPTS', message: 'too many wrong tokens, try again later', headers: { 'Retry-After': '3' } })
  })

  test('an interval of 0 sets no limit', async () => {
    expect(await flood(await setUp({ interval: 0 }), 100)).toEqual(Array(100).fill(401))
  })
})

test('a token that was good counts as others do once its key is replaced', async () => {
  const world = await setUp({ interval: 3_600_000 })
  const token = world.good()
  expect(await world.ask(token, HERE)).toBe('in')
  world.publish(STRANGER)
  world.clock.advance(600_000)
  const other = STRANGER.token(world.claims({ exp: SECONDS + 86_400 }))
  await until(async () => (await world.ask(other)) === 'in') // by the key that is there now, which is fetched behind the first request
  const said: unknown[] = []
  for (let i = 0; i < 2 * BURST; i++) said.push(await world.ask(token, HERE))
  expect(said).toEqual([...Array(BURST).fill(401), ...Array(BURST).fill(429)])
})

describe('whom it does not touch', () => {
  test('another network', async () => {
    const world = await setUp()
    await flood(world, 2 * BURST)
    expect(await world.ask(world.good(), THERE)).toBe('in')
    expect(await world.ask(world.forged(), THERE)).toBe(401)
  })

  test('a token that is remembered, and one that is due again after ten minutes', async () => {
    const world = await setUp({ interval: 3_600_000 })
    const token = world.good()
    expect(await world.ask(token, HERE)).toBe('in')
    await flood(world, 2 * BURST)
    expect(await world.ask(token, HERE)).toBe('in')
    world.clock.advance(600_000)
    expect(world.check.remembered(token)).toBeUndefined()
    expect(await world.ask(token, HERE)).toBe('in')
    expect(await world.ask(world.good(), HERE)).toBe(429) // a new one from there could be anybody's
  })

  test('many good tokens at once from one network', async () => {
    const world = await setUp({ interval: 3_600_000, concurrent: 2 })
    const said = await Promise.all(Array.from({ length: 20 * BURST }, () => world.ask(world.good(), HERE)))
    expect(new Set(said)).toEqual(new Set(['in']))
  })

  test('requests whose origin is not known', async () => {
    const world = await setUp()
    const said = await Promise.all(Array.from({ length: 3 * BURST }, () => world.ask(world.forged())))
    expect(new Set(said)).toEqual(new Set([401]))
  })
})

describe('what no signature is verified for does not count, and is answered as before', () => {
  test.each<[string, (world: World) => string]>([
    // says               token
    ['expired',           ({ good }) => good({ exp: 1 })],
    ['another issuer',    ({ good }) => good({ iss: 'https://another.example' })],
    ['another audience',  ({ good }) => good({ aud: 'another' })],
    ['an unknown key',    ({ claims }) => KEY.token(claims(), { kid: 'unknown' })],
    ['nonsense',          () => 'a.b.c'],
  ])('%s', async (_says, token) => {
    const world = await setUp()
    for (let i = 0; i < 3 * BURST; i++) expect(await world.ask(token(world), HERE)).toBe(401)
    expect(await flood(world, BURST + 1)).toEqual([...Array(BURST).fill(401), 429])
    expect(await world.ask(token(world), HERE)).toBe(401)
  })
})

test('a token whose signature is cut or exchanged is not the one that is remembered', async () => {
  const world = await setUp({ interval: 3_600_000 })
  const token = world.good()
  expect(await world.ask(token, HERE)).toBe('in')
  await flood(world, BURST)
  const [head, , signature] = token.split('.') as [string, string, string]
  const other = world.good({ sub: 'bob' }).split('.') as [string, string, string]
  for (const changed of [`${head}.${other[1]}.${signature}`, [head, token.split('.')[1], other[2]].join('.')]) {
    expect(await world.ask(changed, HERE)).toBe(429)
  }
})
