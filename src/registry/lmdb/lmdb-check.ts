import { hash } from 'node:crypto'

/**
 * A count and a sum over all entries of the store, which is kept with the index and changes with each entry that is put
 * or removed. Entries that are missing, of an older state or of another registry are found out by it: LMDB's own pages
 * have no checksums.
 */
export interface Check {
  readonly count: number
  /** Of what `digestOf` gives for each entry, modulo 2^64: so it does not depend on their order. */
  readonly sum: bigint
}

export const NO_ENTRIES: Check = { count: 0, sum: 0n }

/** The check after an entry was put under `key`, or removed from it. */
export function checkAfter(
  { count, sum }: Check,
  key: Buffer,
  before: Buffer | undefined,
  after: Buffer | undefined,
): Check {
  const gone = before ? digestOf(key, before) : 0n
  const come = after ? digestOf(key, after) : 0n
  return {
    count: count + (after ? 1 : 0) - (before ? 1 : 0),
    sum: BigInt.asUintN(64, sum - gone + come),
  }
}

/** `515 9f86d081884c7d65`. */
export function checkText({ count, sum }: Check): Buffer {
  return Buffer.from(`${count} ${sum.toString(16).padStart(16, '0')}`)
}

/** The inverse of `checkText`; undefined if it is not that. */
export function checkIn(text: string | undefined): Check | undefined {
  const [, count, sum] = /^(\d{1,15}) ([\da-f]{16})$/.exec(text ?? '') ?? []
  return count === undefined ? undefined : { count: Number(count), sum: BigInt(`0x${sum}`) }
}

/** The first eight bytes of the SHA-256 of key, NUL, NUL and value: a key has no two NUL in a row. */
function digestOf(key: Buffer, value: Buffer): bigint {
  return hash('sha256', Buffer.concat([key, SEPARATOR, value]), 'buffer').readBigUInt64BE(0)
}

const SEPARATOR = Buffer.alloc(2)
