import { bcryptCost, decoyHash, MAX_COST, MIN_COST } from './bcrypt-hash.js'
import {
  formatPbkdf2,
  KEY_BYTES,
  MAX_ROUNDS,
  MIN_ROUNDS,
  type Pbkdf2Cost,
  type Pbkdf2Kind,
  parsePbkdf2,
  SALT_BYTES,
} from './pbkdf2-hash.js'

/** How to make a hash: at that cost of bcrypt, or by PBKDF2 in so many rounds. */
export type HashCost = number | Pbkdf2Cost

export type HashKind = 'bcrypt' | Pbkdf2Kind

/** What a check of a hash takes. Rounds of one kind take equal time; those of different kinds cannot be compared. */
export interface HashWork {
  readonly kind: HashKind

  /** bcrypt's are 2 to the power of its cost. */
  readonly rounds: number
}

/** Whether a password can be checked against it: bcrypt (`$2a$`, `$2b$`, `$2y$`; cost 4 to 14) or PBKDF2. */
export function isUsableHash(hash: string): boolean {
  return hashWork(hash) !== undefined
}

/** What a check of that hash takes; undefined if it cannot be checked. */
export function hashWork(hash: string): HashWork | undefined {
  const cost = bcryptCost(hash)
  return cost === undefined ? parsePbkdf2(hash) : { kind: 'bcrypt', rounds: 2 ** cost }
}

/** What a check of hashes made so takes. */
export function workOf(cost: HashCost): HashWork {
  return typeof cost === 'number' ? { kind: 'bcrypt', rounds: 2 ** cost } : cost
}

/** @throws TypeError that says what is allowed */
export function checkHashCost(cost: HashCost): void {
  if (typeof cost !== 'object') {
    if (Number.isInteger(cost) && cost >= MIN_COST && cost <= MAX_COST) return
    throw new TypeError(`cost must be ${MIN_COST} to ${MAX_COST}`)
  }
  if (!Object.hasOwn(KEY_BYTES, cost.kind)) {
    throw new TypeError('kind must be pbkdf2-sha256 or pbkdf2-sha512')
  }
  if (!Number.isInteger(cost.rounds) || cost.rounds < MIN_ROUNDS || cost.rounds > MAX_ROUNDS) {
    throw new TypeError(`rounds must be ${MIN_ROUNDS} to ${MAX_ROUNDS}`)
  }
}

/**
 * Hashes that no password has: comparing with all of them takes as long as that work, less the work that was `done`.
 * bcrypt's come in powers of two only: one at the cost done and one at each higher one, since 2ᶜ + 2ᶜ + 2ᶜ⁺¹ + … + 2ˢ⁻¹ = 2ˢ.
 */
export function decoyHashes({ kind, rounds }: HashWork, done = 0): readonly string[] {
  if (done >= rounds) return []
  if (kind !== 'bcrypt') {
    const cost = { kind, rounds: rounds - done }
    return [formatPbkdf2(cost, new Uint8Array(SALT_BYTES), new Uint8Array(KEY_BYTES[kind]))]
  }
  if (done === 0) return [decoyHash(Math.log2(rounds))]
  const hashes: string[] = []
  for (let c = Math.log2(done); 2 ** c < rounds; c++) hashes.push(decoyHash(c))
  return hashes
}
