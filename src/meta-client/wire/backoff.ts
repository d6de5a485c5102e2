import type { Milliseconds } from '../../time.js'

const FIRST: Milliseconds = 100
const LONGEST: Milliseconds = 1000

/**
 * How long to wait once every node has failed: doubling from 100 ms up to 1 s, and of that between a half and
 * the whole, so that many gateways do not come back at one moment.
 *
 * @param round how often every node has failed before, from 0
 * @param random a number from 0 up to 1
 */
export function backoff(round: number, random: () => number): Milliseconds {
  return Math.min(LONGEST, FIRST * 2 ** round) * (0.5 + random() / 2)
}
