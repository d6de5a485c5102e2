import type { Clock, Milliseconds } from '../../../time.js'
import type { ProviderEvent } from '../provider-event.js'
import { awayEvent, backEvent, expiredEvent, keysEvent } from '../provider-messages.js'
import type { FetchOutcome } from '../provider-outcomes.js'
import { FetchFailure } from './fetch-failure.js'
import type { KnownIssuer } from './known-issuers.js'
import type { FetchedKeys, LoadedKeys } from './loaded-keys.js'
import type { PublicKey } from './public-keys.js'

/** No fetch for an unknown key sooner than this after the last fetch: invented keys cause no more of them. */
const UNKNOWN_KEY_PAUSE: Milliseconds = 30_000

/** The pause after a failure; it doubles with each further one. */
const FIRST_PAUSE: Milliseconds = 10_000
const LONGEST_PAUSE: Milliseconds = 300_000

export interface KeySetOptions {
  /** Known already: used at once, and fetched again at the first chance. */
  readonly first?: FetchedKeys | undefined
  /** Fetches the keys. @throws FetchFailure */
  readonly load: (signal: AbortSignal) => Promise<LoadedKeys>
  /** Known before the first fetch. */
  readonly issuers: readonly KnownIssuer[]
  readonly refreshInterval: Milliseconds
  readonly keepKeys: Milliseconds
  /** Measures every age: setting the system's clock changes none. */
  readonly clock: Clock
  /** Milliseconds since the epoch, to tell when keys were fetched. */
  readonly now: () => Milliseconds
  readonly log: (event: ProviderEvent) => void
  readonly count: (outcome: FetchOutcome) => void
}

/** The keys of a provider, as they were fetched last. */
export interface KeySet {
  /** Those that are known; none once they are older than `keepKeys`. */
  keys(): readonly PublicKey[]
  has(key: object): boolean
  issuers(): readonly KnownIssuer[]

  /** Fetches in the background if the keys are older than `refreshInterval`. */
  refresh(): void

  /** As `refresh`, and waits for it if nothing is known, or if nobody has asked for so long that much may have changed. */
  ready(): Promise<void>

  /** Fetches because a key is not known, unless that was done a moment ago. @returns whether keys were fetched */
  renew(): Promise<boolean>

  /** When the next fetch may be, in milliseconds from now. */
  pause(): Milliseconds

  /** What is known, for another key set of the same provider. */
  fetched(): FetchedKeys | undefined
  lastError(): string | undefined

  /** Ends a running fetch; there will be no other. */
  close(): void
}

/** A key set that asks its provider as rarely as it can: one fetch at a time, a pause after each, a longer one after failures. */
export function createKeySet(options: KeySetOptions): KeySet {
  const { clock, now, log } = options
  const closing = new AbortController()
  const { first } = options
  let known: LoadedKeys = first?.loaded ?? { keys: [], skipped: [], issuers: options.issuers }
  let held = new Set<object>(known.keys)
  let fetched = first
  let isInherited = first !== undefined
  let triedAt = Number.NEGATIVE_INFINITY
  let failures = 0
  let lastError: string | undefined
  let running: Promise<boolean> | undefined
  let retry: NodeJS.Timeout | undefined
  /** Whether the keys were too old to be used while it runs. */
  let isAwaited = false

  const since = (time: Milliseconds) => clock() - time
  /** How old the keys are. */
  const age = () => since(fetched?.fetchedOn ?? Number.NEGATIVE_INFINITY)

  const pauseAfterFailure = () =>
    failures === 0 ? 0 : Math.min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE)

  /** The fetch that is running, or a new one if that is allowed. */
  function fetchAgain(): Promise<boolean> | undefined {
    if (running) return running
    if (closing.signal.aborted || since(triedAt) < pauseAfterFailure()) return undefined
    clearTimeout(retry)
    triedAt = clock()
    running = fetchNow().finally(() => {
      running = undefined
      isAwaited = false
    })
    return running
  }

  async function fetchNow(): Promise<boolean> {
    try {
      const loaded = await options.load(closing.signal)
      if (!closing.signal.aborted) take(loaded)
      return !closing.signal.aborted
    } catch (error) {
      if (!closing.signal.aborted) fail(error)
      return false
    }
  }

  function take(loaded: LoadedKeys): void {
    options.count('success')
    const before = known
    const byIdentity = new Map(before.keys.map((key) => [key.identity, key]))
    const keys = loaded.keys.map((key) => byIdentity.get(key.identity) ?? key)
    known = { ...loaded, keys }
    held = new Set(keys)
    fetched = { loaded: known, fetchedAt: now(), fetchedOn: clock() }
    isInherited = false
    const wasAway = failures > 0
    failures = 0
    lastError = undefined
    if (wasAway) log(backEvent(keys.length))
    const event = keysEvent(before, known)
    if (event) log(event)
  }

  function fail(error: unknown): void {
    const failure = error instanceof FetchFailure ? error : undefined
    const message = failure?.message ?? 'the keys could not be read'
    options.count(failure?.outcome ?? 'invalid')
    failures++
    const isNews = lastError !== message
    lastError = message
    if (isNews) log(awayEvent(message, current().length))
    // Without any keys nobody signs in: it is tried again even if nobody comes
    if (current().length === 0) retry = setTimeout(fetchAgain, pauseAfterFailure() + 1).unref()
  }

  function current(): readonly PublicKey[] {
    if (known.keys.length > 0 && age() > options.keepKeys) {
      known = { ...known, keys: [] }
      held = new Set()
      log(expiredEvent())
    }
    return known.keys
  }

  const isDue = () => isInherited || age() >= options.refreshInterval

  return {
    keys: current,
    has: (key) => current().length > 0 && held.has(key),
    issuers: () => known.issuers,
    refresh() {
      if (isDue()) void fetchAgain()
    },
    async ready() {
      if (!isDue()) return
      const isForgotten = since(triedAt) >= 2 * options.refreshInterval
      const fetching = fetchAgain()
      if (fetching && isForgotten) isAwaited = true
      if (isAwaited || current().length === 0) await fetching
    },
    async renew() {
      // After a failure, its own pause counts
      const mayFetch = running || failures > 0 || since(triedAt) >= UNKNOWN_KEY_PAUSE
      return mayFetch ? ((await fetchAgain()) ?? false) : false
    },
    pause: () => Math.max(0, pauseAfterFailure() - since(triedAt)),
    fetched: () => fetched && { ...fetched, loaded: known },
    lastError: () => lastError,
    close() {
      clearTimeout(retry)
      closing.abort()
    },
  }
}
