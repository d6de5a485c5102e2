/**
 * Makes and checks bcrypt hashes away from the main thread.
 *
 * Both reject with `ERR_BUSY` when too many wait already; neither ever logs or keeps a password.
 */
export interface PasswordHasher {
  /** The `$2b$` hash of a password of 1 to 72 bytes without NUL, at that cost (4 to 14). */
  hash(password: string, cost: number): Promise<string>

  /**
   * Whether `hash` is of `password`. A malformed hash, a prefix other than `$2a$`, `$2b$`, `$2y$`, and a cost
   * over 14 are «no», never an error.
   */
  compare(password: string, hash: string): Promise<boolean>

  /** How many passwords are being worked on, and how many wait: for metrics. Optional. */
  readonly running?: number
  readonly waiting?: number

  /** Ends the threads; what still waits rejects with `ERR_BUSY`. */
  close(): Promise<void>
}
