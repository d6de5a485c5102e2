import { bcryptCost } from './bcrypt-hash.js'

/** Whether a password can be checked against that hash here. */
export function isUsableHash(hash: string): boolean {
  return bcryptCost(hash) !== undefined
}
