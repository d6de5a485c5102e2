import { parseDuration as parseText } from '../values/duration.js'
import type { Parser } from './parser.js'

/** A duration of a clause in nanoseconds, or `INF`, which is 0. */
export function parseDuration(p: Parser): bigint {
  return p.accept('INF') ? 0n : parseFiniteDuration(p)
}

/** A duration of a clause in nanoseconds. A negative one can only be bound, and could not be printed: refused. */
export function parseFiniteDuration(p: Parser): bigint {
  if (p.next() !== 'DURATIONVAL') throw p.unexpected('duration')
  const { value = 0n, error } = parseText(p.literal)
  if (error !== undefined) throw p.failAt(error, p.offset)
  if (value < 0n) throw p.unexpected('duration')
  return value
}

/** `SHARD DURATION …`, its first word read already; there is no shard for ever. */
export function parseShardDuration(p: Parser): bigint {
  p.expect('DURATION')
  if (p.accept('INF')) throw p.failAt('invalid duration INF for shard duration', p.offset)
  return parseFiniteDuration(p)
}
