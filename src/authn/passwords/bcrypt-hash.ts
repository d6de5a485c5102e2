/** The form of a bcrypt hash: prefix, cost, 22 characters of salt and 31 of digest. */
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/

/** A check at this cost takes over a second: a hash with a higher one could be used to stop the server. */
export const MAX_COST = 14
export const MIN_COST = 4

/**
 * The cost of a bcrypt hash: 2 to the power of it are the rounds.
 *
 * @returns undefined for anything else: another prefix (`$2x$` marks hashes of a broken implementation),
 *   another form, a cost outside 4 to 14
 */
export function bcryptCost(hash: string): number | undefined {
  const cost = Number(BCRYPT.exec(hash)?.[1])
  return cost >= MIN_COST && cost <= MAX_COST ? cost : undefined
}

/** A hash of that cost that no password has: comparing with it takes as long as with a real one. */
export function decoyHash(cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`
}
