import { decoyHash } from './bcrypt-hash.js'
import type { PasswordHasher } from './hasher.js'

/** InfluxDB's meta nodes hash at this cost, so that an unknown user is answered like theirs from the start. */
const USUAL_COST = 10

/** Makes every «no» take as long as the slowest. */
export interface Decoy {
  /** Notes the cost of an account's hash. */
  meet(cost: number | undefined): void

  /**
   * Takes as long as a check at the highest cost met so far, less one at `cost` that was done already: others at
   * that cost and each higher one make up for it, since 2ᶜ + 2ᶜ + 2ᶜ⁺¹ + … + 2ˢ⁻¹ = 2ˢ.
   *
   * @param cost undefined if nothing was done
   */
  burn(cost?: number): Promise<void>
}

/** @param ownCost the cost of hashes made here */
export function createDecoy(hasher: PasswordHasher, ownCost: number): Decoy {
  let slowest = Math.max(USUAL_COST, ownCost)

  return {
    meet(cost = 0) {
      slowest = Math.max(slowest, cost)
    },
    async burn(cost) {
      if (cost === undefined) await hasher.compare('decoy', decoyHash(slowest))
      else for (let c = cost; c < slowest; c++) await hasher.compare('decoy', decoyHash(c))
    },
  }
}
