import type { HashCost } from './password-hash.js'

/** Whose request makes us work, for fair turns. Never logged. */
export interface Requester {
  /** Where the request comes from: an address, or the network that one customer has. */
  readonly origin?: string | undefined

  /** Whose password is in question. */
  readonly name?: string | undefined
}

export interface CompareOptions {
  /**
   * Hashes to compare with as well before the answer is "no", in the same turn, so that it takes as long as any other
   * "no". No password matches them. @default none
   */
  decoys?: readonly string[]

  /** Whose request it is. @default nobody in particular */
  requester?: Requester
}

/**
 * Makes and checks password hashes away from the main thread.
 *
 * Both reject with `ERR_BUSY` when too many wait already; neither ever logs or keeps a password.
 */
export interface PasswordHasher {
  /**
   * The hash of a password of 1 to 72 bytes without NUL: bcrypt's `$2b$` at that cost (4 to 14), or
   * `$pbkdf2-sha256$`, `$pbkdf2-sha512$` in that many rounds.
   *
   * @param requester who waits for it @default nobody in particular
   */
  hash(password: string, cost: HashCost, requester?: Requester): Promise<string>

  /**
   * Whether `hash` is of `password`. A malformed hash, a prefix other than `$2a$`, `$2b$`, `$2y$`,
   * `$pbkdf2-sha256$` and `$pbkdf2-sha512$`, a cost over 14 and more than 1,000,000 rounds are "no", never an error.
   */
  compare(password: string, hash: string, options?: CompareOptions): Promise<boolean>

  /** How many passwords are being worked on, and how many wait: for metrics. Optional. */
  readonly running?: number
  readonly waiting?: number

  /** Ends the threads; what still waits rejects with `ERR_BUSY`. */
  close(): Promise<void>
}
