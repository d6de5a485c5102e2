import { LRUCache } from 'lru-cache'
import { AuthError } from '../../errors.js'
import { type Clock, type Milliseconds, monotonic } from '../../time.js'
import type { Requester } from './hasher.js'
import { createTokenBucket, type TokenBucket } from './token-bucket.js'

export interface AttemptsOptions {
  /** One wrong password is allowed in this time, on average; 0 sets no limit. @default 100 */
  interval?: Milliseconds

  /** How many wrong passwords are allowed in a burst. @default 50 */
  burst?: number

  /** How many passwords from one origin are checked at a time; the others wait. @default 32 */
  concurrent?: number

  /** How many from one origin may wait; more are refused with `ERR_BUSY`. @default 16_384 */
  waiting?: number

  /** How long one may wait before it is refused with `ERR_BUSY` when its turn comes. @default 5_000 (5 seconds) */
  patience?: Milliseconds

  /** How many origins and names are remembered; the least recently seen go first. @default 10_000 */
  max?: number

  /** What is attempted, in the plural, as the refusals name it. @default 'passwords' */
  what?: string

  /** Whether what `work` answered uses up an allowance. @default `ERR_CREDENTIALS_REJECTED` does */
  isWrong?: (answer: unknown) => boolean

  /** @default the process's monotonic clock */
  now?: Clock
}

/** Limits what each origin (client address) may cost in look-ups and hashes. */
export interface Attempts {
  /**
   * Does `work`, which answers `ERR_CREDENTIALS_REJECTED` if the password was wrong (or see `isWrong`), when it is the
   * requester's turn. Requests of unknown origin are not limited.
   *
   * The answer is `ERR_TOO_MANY_ATTEMPTS` (429), without doing anything, when too many were wrong. Rejects
   * with `ERR_BUSY` (503) when too many wait.
   */
  run<T>(requester: Requester, work: () => Promise<T>): Promise<T | AuthError>
}

interface Waiting {
  readonly since: Milliseconds
  /** Ends the wait: with the refusal, if there is one. */
  readonly start: (refusal?: AuthError) => void
  readonly giveUp: (error: AuthError) => void
}

interface Origin {
  /** How many wrong passwords it may still send. */
  readonly allowance: TokenBucket
  running: number
  readonly queue: Waiting[]
}

/**
 * Bounds what one attacker can make us hash and look up. Only wrong passwords use up an allowance, and only the origin's
 * own; an attempt under way holds a part of it, so that a thousand at once do not get around it.
 *
 * A name has an allowance too, for all origins together. When that is used up, an origin that was wrong about this name
 * lately is refused, and no other: knowing a user's name is not enough to lock them out.
 *
 * @throws TypeError for an option out of range
 */
export function createAttempts(options: AttemptsOptions = {}): Attempts {
  const { interval = 100, burst = 50, concurrent = 32, waiting = 16_384 } = options
  const { patience = 5_000, max = 10_000, now = monotonic } = options
  const { what = 'passwords', isWrong = isRejected } = options
  if (!(interval >= 0)) throw new TypeError('interval must not be negative')
  for (const [name, value] of Object.entries({ burst, concurrent, waiting, max })) {
    if (!Number.isInteger(value) || value < 1) throw new TypeError(`${name} must be at least 1`)
  }
  const isLimited = interval > 0
  const origins = new LRUCache<string, Origin>({ max })
  const names = new LRUCache<string, TokenBucket>({ max })
  /** Origins that were wrong about a name, and when. */
  const suspects = new LRUCache<string, Milliseconds>({ max })

  const createBucket = () => createTokenBucket(burst, interval)

  function originOf(key: string): Origin {
    const known = origins.get(key)
    if (known) return known
    const origin: Origin = { allowance: createBucket(), running: 0, queue: [] }
    origins.set(key, origin)
    return origin
  }

  /** Whether another one may be wrong, even if all that are under way are. */
  function mayStart({ allowance, running }: Origin): boolean {
    return running < concurrent && (!isLimited || allowance.left(now()) - running >= 1)
  }

  function isSuspect(requester: Requester): boolean {
    const time = now()
    const since = suspects.get(pairOf(requester))
    if (since === undefined || time - since >= interval * burst) return false
    return (names.get(requester.name as string)?.left(time) ?? burst) < 1
  }

  function noteWrong(origin: Origin, requester: Requester): void {
    if (!isLimited) return
    origin.allowance.take(now())
    if (requester.name === undefined) return
    suspects.set(pairOf(requester), now())
    const bucket = names.get(requester.name) ?? createBucket()
    names.set(requester.name, bucket)
    bucket.take(now())
  }

  /** Starts those that may start. When nothing is under way that could still turn out right, the others are refused. */
  function proceed(origin: Origin): void {
    const { queue } = origin
    while (queue[0] && now() - queue[0].since > patience) queue.shift()?.giveUp(busy(what))
    while (queue.length > 0 && mayStart(origin)) {
      origin.running++
      queue.shift()?.start()
    }
    if (origin.running === 0) for (const { start } of queue.splice(0)) start(tooMany(origin))
  }

  function tooMany({ allowance }: Origin): AuthError {
    return refusal(what, allowance.wait(now()))
  }

  function turn(origin: Origin): Promise<AuthError | undefined> {
    return new Promise((start, giveUp) => {
      if (origin.queue.length >= waiting) return giveUp(busy(what))
      origin.queue.push({ since: now(), start, giveUp })
      proceed(origin)
    })
  }

  return {
    async run(requester, work) {
      if (requester.origin === undefined) return work()
      if (isLimited && isSuspect(requester)) return refusal(what, interval * burst)
      const origin = originOf(requester.origin)
      const refused = await turn(origin)
      if (refused) return refused
      try {
        const answer = await work()
        if (isWrong(answer)) noteWrong(origin, requester)
        return answer
      } finally {
        origin.running--
        proceed(origin)
      }
    },
  }
}

function isRejected(answer: unknown): boolean {
  return answer instanceof AuthError && answer.code === 'ERR_CREDENTIALS_REJECTED'
}

/** Neither part holds a NUL. */
const pairOf = ({ origin, name }: Requester) => `${origin}\0${name}`

const busy = (what: string) =>
  new AuthError('ERR_BUSY', `too many ${what} wait to be checked, try again`)

function refusal(what: string, wait: Milliseconds): AuthError {
  const headers = { 'Retry-After': String(Math.max(1, Math.ceil(wait / 1_000))) }
  const message = `too many wrong ${what}, try again later`
  return new AuthError('ERR_TOO_MANY_ATTEMPTS', message, { headers })
}
