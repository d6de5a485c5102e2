import bcrypt from 'bcryptjs'
import { bcryptCost } from '../../src/authn/passwords/bcrypt-hash.js'
import type { PasswordHasher } from '../../src/authn/passwords/hasher.js'

/** Hashes at cost 4, whatever is asked for, on the calling thread: for tests that are about something else. */
export const quickHasher: PasswordHasher = {
  hash: async (password) => bcrypt.hashSync(password, 4),
  compare: async (password, hash) => bcryptCost(hash) === 4 && bcrypt.compareSync(password, hash),
  close: async () => {},
}

/** A bcrypt hash of cost 4. */
export const quickHash = (password: string) => bcrypt.hashSync(password, 4)
