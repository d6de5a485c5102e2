import { availableParallelism } from 'node:os'
import type { Config } from '../../config/config.js'
import { createBcryptPool } from './bcrypt-pool.js'
import type { PasswordHasher } from './hasher.js'
import type { HashCost } from './password-hash.js'

/** The hashing threads that `[auth]` asks for. */
export function createHasher(auth: Config['auth']): PasswordHasher {
  return createBcryptPool({
    threads: auth.hashThreads || availableParallelism(),
    queue: auth.hashQueue,
  })
}

/** How `[meta]` says that new passwords are hashed. */
export function hashCost({
  passwordHash,
  bcryptCost,
  passwordHashRounds,
}: Config['meta']): HashCost {
  return passwordHash === 'bcrypt' ? bcryptCost : { kind: passwordHash, rounds: passwordHashRounds }
}
