import { createHash } from 'node:crypto'
import type { PasswordHasher, Requester } from '../../src/authn/passwords/hasher.js'
import { type HashCost, type HashKind, hashWork } from '../../src/authn/passwords/password-hash.js'
import { formatPbkdf2, KEY_BYTES, type Pbkdf2Kind } from '../../src/authn/passwords/pbkdf2-hash.js'
import { AuthError } from '../../src/errors.js'

let salts = 0

/** A hash in bcrypt's form, or PBKDF2's, made in no time: another one each time, like theirs. */
export function fakeHash(password: string, cost: HashCost = 10): string {
  if (typeof cost === 'object') {
    const salt = Buffer.from(String(salts++))
    return formatPbkdf2(cost, salt, fakeKey(cost.kind, salt.toString(), password))
  }
  const salt = String(salts++).padStart(22, '0')
  return `$2b$${String(cost).padStart(2, '0')}$${salt}${proof(salt, password)}`
}

const proof = (salt: string, password: string) =>
  createHash('sha256').update(`${salt}:${password}`).digest('base64').replaceAll('+', '.').slice(0, 31)

const fakeKey = (kind: Pbkdf2Kind, salt: string, password: string) =>
  createHash('sha512').update(`${salt}:${password}`).digest().subarray(0, KEY_BYTES[kind])

/** Whether it is the password that `fakeHash` made it of. */
function isOf(password: string, hash: string): boolean {
  const [, kind, , salt = ''] = hash.split('$')
  if (kind?.length === 2) return proof(hash.slice(7, 29), password) === hash.slice(29)
  const key = fakeKey(kind as Pbkdf2Kind, Buffer.from(salt, 'base64').toString(), password)
  return hash === formatPbkdf2({ kind: kind as Pbkdf2Kind, rounds: Number(hash.split('$')[2]) }, Buffer.from(salt, 'base64'), key)
}

/** A comparison that cost time: bcrypt's cost; undefined for another kind. */
export interface Work {
  readonly password: string
  readonly kind: HashKind
  readonly rounds: number
  readonly cost: number | undefined
  readonly requester: Requester | undefined
}

export interface FakeHasher extends PasswordHasher {
  /** The comparisons so far. What a real hasher refuses without work is not among them. */
  readonly work: Work[]
  /** How often somebody had to wait for a turn. */
  readonly turns: number
  /** The hashes made so far: their costs. */
  readonly made: HashCost[]
  /** Rounds of that kind so far: what comparisons cost. @default bcrypt's */
  rounds(kind?: HashKind): number
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
  const made: HashCost[] = []
  const waiting: (() => void)[] = []
  let held = false
  let turns = 0

  async function turn(hasher: FakeHasher): Promise<void> {
    turns++
    if (hasher.full) throw new AuthError('ERR_BUSY', 'full')
    if (held) await new Promise<void>((resolve) => waiting.push(resolve))
  }

  const hasher: FakeHasher = {
    work,
    made,
    full: false,
    get turns() {
      return turns
    },
    rounds: (of = 'bcrypt') => work.reduce((sum, { kind, rounds }) => sum + (kind === of ? rounds : 0), 0),
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
    async compare(password, hash, { decoys = [], requester } = {}) {
      const note = (text: string) => {
        const spent = hashWork(text)
        if (spent) work.push({ password, ...spent, cost: spent.kind === 'bcrypt' ? Math.log2(spent.rounds) : undefined, requester })
        return spent !== undefined
      }
      const isHash = hashWork(hash) !== undefined
      if (!isHash && decoys.length === 0) return false
      const right = isHash && isOf(password, hash)
      note(hash)
      if (!right) decoys.forEach(note)
      await turn(hasher)
      return right
    },
    close: async () => {},
  }
  return hasher
}
