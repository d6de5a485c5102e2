import { createHash } from 'node:crypto'
import { bcryptCost } from '../../src/authn/bcrypt-hash.js'
import type { PasswordHasher } from '../../src/authn/hasher.js'
import { AuthError } from '../../src/errors.js'

let salts = 0

/** A hash in bcrypt's form, made in no time: another one each time, like bcrypt's. */
export function fakeHash(password: string, cost = 10): string {
  const salt = String(salts++).padStart(22, '0')
  return `$2b$${String(cost).padStart(2, '0')}$${salt}${proof(salt, password)}`
}

const proof = (salt: string, password: string) =>
  createHash('sha256').update(`${salt}:${password}`).digest('base64').replaceAll('+', '.').slice(0, 31)

/** A comparison that cost time. */
export interface Work { readonly password: string; readonly cost: number }

export interface FakeHasher extends PasswordHasher {
  /** The comparisons so far. What a real hasher refuses without work is not among them. */
  readonly work: Work[]
  /** The hashes made so far: their costs. */
  readonly made: number[]
  /** Rounds of bcrypt so far: what comparisons cost. */
  rounds(): number
  /** From now on jobs wait. */
  hold(): void
  /** Ends the hold, or so many jobs. */
  release(jobs?: number): void
  /** How many jobs wait. */
  readonly waiting: number
  /** Refuses new jobs, as a real hasher does whose queue is full. */
  full: boolean
}

/** Compares with what `fakeHash` made; counts; waits when told to. */
export function createFakeHasher(): FakeHasher {
  const work: Work[] = []
  const made: number[] = []
  const waiting: (() => void)[] = []
  let held = false

  async function turn(hasher: FakeHasher): Promise<void> {
    if (hasher.full) throw new AuthError('ERR_BUSY', 'full')
    if (held) await new Promise<void>((resolve) => waiting.push(resolve))
  }

  const hasher: FakeHasher = {
    work,
    made,
    full: false,
    rounds: () => work.reduce((sum, { cost }) => sum + 2 ** cost, 0),
    hold() {
      held = true
    },
    release(jobs) {
      if (jobs === undefined) held = false
      for (const resolve of waiting.splice(0, jobs ?? Number.POSITIVE_INFINITY)) resolve()
    },
    get waiting() {
      return waiting.length
    },
    async hash(password, cost) {
      await turn(hasher)
      made.push(cost)
      return fakeHash(password, cost)
    },
    async compare(password, hash) {
      const cost = bcryptCost(hash)
      if (cost === undefined) return false
      work.push({ password, cost })
      await turn(hasher)
      return proof(hash.slice(7, 29), password) === hash.slice(29)
    },
    close: async () => {},
  }
  return hasher
}
