import type { Milliseconds } from '../time.js'
import type { ListedToken } from './subscription-tokens.js'

export interface TokenAgeOptions {
  /** How old a token may become. @default 0 (as old as it likes) */
  readonly tokenMaxAge?: Milliseconds
  /** From one look to the next. */
  readonly interval: Milliseconds
  /** In milliseconds since 1970. @default Date.now */
  readonly date?: () => number
}

/** All tokens that are too old are replaced within a tenth of their age. */
const PARTS_OF_AGE = 10

/** Which tokens are replaced because of their age, and how many of them at one look. */
export interface TokenAge {
  isTooOld(token: ListedToken): boolean
  /**
   * As few as possible, for they may all have become too old at once: after a long time without a gateway, or when the
   * system's clock was set.
   *
   * @param kept how many subscriptions there are
   */
  atOneLook(kept: number): number
}

export function createTokenAge(options: TokenAgeOptions): TokenAge {
  const { tokenMaxAge = 0, interval, date = Date.now } = options
  return {
    isTooOld: ({ createdAt }) => tokenMaxAge > 0 && date() - createdAt > tokenMaxAge,
    atOneLook: (kept) => Math.max(1, Math.ceil((PARTS_OF_AGE * kept * interval) / tokenMaxAge)),
  }
}
