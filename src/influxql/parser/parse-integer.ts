import { integerOf, MAX_INT64, MAX_UINT64, MIN_INT64 } from '../values/integer.js'
import type { Parser } from './parser.js'

/** The greatest replication factor. */
const MAX_INT32 = 2 ** 31 - 1

/** `REPLICATION n` */
export function parseReplication(p: Parser): number {
  const value = parseInteger(p, 'Atoi', MIN_INT64, MAX_INT64)
  if (value < 1n || value > MAX_INT32) {
    throw p.failAt(`invalid value ${value}: must be 1 <= n <= ${MAX_INT32}`, p.offset)
  }
  return Number(value)
}

/** The number of a query or a shard. */
export function parseId(p: Parser): bigint {
  return parseInteger(p, 'ParseUint', 0n, MAX_UINT64)
}

function parseInteger(p: Parser, func: string, min: bigint, max: bigint): bigint {
  if (p.next() !== 'INTEGER') throw p.unexpected('integer')
  const failed = (why: string) =>
    p.failAt(`strconv.${func}: parsing "${p.literal}": ${why}`, p.offset)
  if (min === 0n && p.literal.startsWith('-')) throw failed('invalid syntax')
  const value = integerOf(p.literal)
  if (value < min || value > max) throw failed('value out of range')
  return value
}
