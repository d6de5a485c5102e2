import { AuthError } from '../../src/errors.js'
import { type Asked, DEADLINE, type FakeWorld, INTERVAL, LOOKUP_INTERVAL, type Moment, type SignedIn, type Version } from './fake-world.js'

/** What was promised and not kept in that world, in words. */
export function brokenPromises(world: FakeWorld): string[] {
  return [
    ...world.signIns.map((signIn) => brokenBy(world, signIn)).filter((text) => text !== undefined),
    ...brokenByLookups(world),
    ...(world.options.expiration === 0 && world.cache.size > 0 ? ['something is remembered'] : []),
  ]
}

function brokenBy(world: FakeWorld, signIn: SignedIn): string | undefined {
  const { outcome, name, password, credentials, since } = signIn
  const says = (what: string) => `${credentials.kind} of ${name} (${password}) at ${since.time}: ${what}`
  if (outcome === undefined) return says('no answer')
  const broken = outcome instanceof Error ? brokenByRefusal(world, signIn, outcome) : brokenByAcceptance(world, signIn)
  return broken && says(broken)
}

function brokenByAcceptance(world: FakeWorld, { outcome, name, password, since, until }: SignedIn): string | undefined {
  const { expiration, watch } = world.options
  const history = world.versions.get(name) ?? []
  const used = history.find(({ account }) => account?.user === outcome)
  if (!used?.account) return 'accepted a user who never was'
  const purge = lastPurge(world, name, since)
  const isFresh = ({ until: end }: Version) => watch || end.time >= since.time - INTERVAL || isTroubled(world, name, since.time - INTERVAL, until.time)
  const answers = world.lookups.filter(({ name: n, answer }) => n === name && answer)

  if (purge && used.until.step < purge.step) return 'accepted an account from before it was forgotten'
  if (!isFresh(used)) return 'accepted an account that is too old'
  const contact = answers.filter((a) => a.until.step < since.step && epoch(world, name, a.since) === epoch(world, name, a.until)).at(-1)
  if (contact && used.until.step < contact.since.step) return 'accepted an account older than the directory\'s last answer'
  const source = answers.filter(({ answer }) => answer && 'account' in answer && answer.account === used.account).at(-1)
  if (!source) return 'accepted an account the directory never told'
  if (expiration === 0 && source.until.step < since.step) return 'accepted a remembered account'
  if (expiration > 0 && source.until.time < until.time - expiration) return 'accepted an account that has expired'

  if (password === undefined) return undefined
  if (used.account.hash !== '') return used.password === password ? undefined : 'accepted a wrong password'
  const right = history.filter((version) => version.password === password)
  if (!right.some(isFresh)) return 'accepted a password that is wrong for too long'
  const words = world.checks.filter((c) => c.name === name && c.password === password && c.answer)
  const word = words.filter((c) => c.until.step < since.step).at(-1)
  if (word && !right.some((version) => version.until.step > word.since.step)) return 'accepted a password that the directory refused'
  if (purge && !right.some((version) => version.until.step > purge.step)) return 'accepted a password from before it was forgotten'
  if (!words.some((c) => c.since.time >= until.time - Math.max(expiration, DEADLINE) - DEADLINE)) return 'accepted a password that has expired'
  return undefined
}

function brokenByRefusal(world: FakeWorld, signIn: SignedIn, error: Error): string | undefined {
  const { name, password, since, until } = signIn
  const code = error instanceof AuthError ? error.code : String(error)
  const history = world.versions.get(name) ?? []
  switch (code) {
    case 'ERR_CREDENTIALS_REJECTED': {
      const { expiration, watch } = world.options
      const joined = world.lookups.find((a) => a.name === name && isDuring(a, since) && epoch(world, name, a.since) === epoch(world, name, since))
      const memory = expiration === 0 || watch ? 0 : LOOKUP_INTERVAL
      const from = (joined?.since ?? since).time - memory
      const after = watch ? since : lastPurge(world, name, since)
      const wrong = (version: Version) => version.account === undefined || (password !== undefined && version.password !== password)
      const overlaps = (version: Version) => version.until.time >= from && version.since.step < until.step && !(after && version.until.step < after.step)
      return history.length === 0 || history.some((version) => wrong(version) && overlaps(version)) || (history[0] as Version).since.time >= from
        ? undefined
        : 'refused as wrong what is right'
    }
    case 'ERR_META_UNAVAILABLE':
      return isTroubled(world, name, since.time - LOOKUP_INTERVAL, until.time) ? undefined : '503 though the directory is well'
    case 'ERR_BUSY': {
      const during = ({ step }: Moment) => step > since.step && step < until.step
      const changes = history.filter((version) => during(version.since)).length + world.purges.filter(({ at }) => during(at)).length
      return changes >= 2 ? undefined : '503 though nothing changed'
    }
    default:
      return code
  }
}

function brokenByLookups(world: FakeWorld): string[] {
  const { watch, expiration } = world.options
  const broken: string[] = []
  for (const name of new Set(world.lookups.map((a) => a.name))) {
    const asked = world.lookups.filter((a) => a.name === name)
    for (const [i, one] of asked.entries()) {
      const next = asked[i + 1]
      if (!next || epoch(world, name, one.since) !== epoch(world, name, next.since)) continue
      const says = (what: string) => broken.push(`look-up of ${name} at ${next.since.time}: ${what}`)
      if (next.since.step < one.until.step) says('there is one already')
      else if (one.answer && expiration > 0) {
        if (next.since.time - one.since.time < LOOKUP_INTERVAL) says('too soon')
        const isKnown = 'account' in one.answer && one.answer.account && next.since.time <= one.until.time + expiration
        if (watch && isKnown) says('there is a cached account')
      }
    }
  }
  return broken
}

/** Whether the directory was out of reach, slow or failing for that name in that time. */
function isTroubled(world: FakeWorld, name: string, from: number, to: number): boolean {
  const overlaps = (a: { since: Moment; until: Moment }) => a.since.time <= to && a.until.time >= from
  const isTrouble = (a: Asked) => a.name === name && (!a.answer || a.until.time > a.since.time)
  return world.outages.some(overlaps) || [...world.lookups, ...world.checks].some((a) => isTrouble(a) && overlaps(a))
}

const isDuring = ({ since, until }: Asked, { step }: Moment) => since.step < step && step < until.step

const purgesOf = (world: FakeWorld, name: string, before: Moment) =>
  world.purges.filter((purge) => (purge.name === undefined || purge.name === name) && purge.at.step < before.step)

const lastPurge = (world: FakeWorld, name: string, before: Moment) => purgesOf(world, name, before).at(-1)?.at
const epoch = (world: FakeWorld, name: string, at: Moment) => purgesOf(world, name, at).length
