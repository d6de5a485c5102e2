import { integerOf, MAX_INT64, MIN_INT64 } from './integer.js'

const SECOND = 1_000_000_000n

/** The units of time, in nanoseconds. */
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  u: 1_000n,
  µ: 1_000n,
  ms: 1_000_000n,
  s: SECOND,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
}

/** The units that a duration is printed in: the longest that it is a multiple of. */
const PRINTED = ['w', 'd', 'h', 'm', 's', 'ms', 'u'] as const

/** A duration in nanoseconds, or what is wrong with it. */
export type ParsedDuration = { value: bigint; error?: never } | { value?: never; error: string }

const INVALID: ParsedDuration = { error: 'invalid duration' }

/**
 * Parses `1h30m`, `10ms`, `4w`: whole numbers with a unit each, which add up. A sum that does not fit 64 bits wraps
 * around, as it does in InfluxDB, which refuses it only if it comes out negative.
 */
export function parseDuration(text: string): ParsedDuration {
  const isNegative = text.startsWith('-')
  let at = isNegative ? 1 : 0
  if (text.length < 2) return INVALID
  let sum = 0n
  let last = ''
  while (at < text.length) {
    const from = at
    while (isDigitAt(text, at)) at++
    if (at === from || at >= text.length) return INVALID
    const amount = integerOf(text.slice(from, at))
    const unit = unitAt(text, at)
    const nanoseconds = UNITS[unit]
    if (nanoseconds === undefined || amount > MAX_INT64) return INVALID
    sum += amount * nanoseconds
    last = `${amount}${unit}`
    at += unit.length
  }
  const value = BigInt.asIntN(64, sum)
  if (value === MIN_INT64 || (value < 0n && !isNegative)) {
    return { error: `overflowed duration ${last}: choose a smaller duration or INF` }
  }
  return { value: isNegative ? -value : value }
}

function isDigitAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0x30 && code <= 0x39
}

function unitAt(text: string, at: number): string {
  const first = text.charAt(at)
  const isTwo = (first === 'n' || first === 'm') && text.charAt(at + 1) === 's'
  return isTwo ? `${first}s` : first
}

/** Prints nanoseconds in the longest unit that leaves no rest: `90m`, `1w`, `1500ms`. */
export function printDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s'
  for (const unit of PRINTED) {
    const size = UNITS[unit] as bigint
    if (nanoseconds % size === 0n) return `${nanoseconds / size}${unit}`
  }
  return `${nanoseconds}ns`
}

/**
 * Prints nanoseconds as Go does, `24h0m0s`, which is how InfluxDB prints the durations of CREATE DATABASE. Where InfluxQL
 * could not read that again (`1.5s`, `5µs`), it is printed like any other duration.
 */
export function printGoDuration(nanoseconds: bigint): string {
  if (nanoseconds % SECOND !== 0n) return printDuration(nanoseconds)
  const seconds = nanoseconds / SECOND
  const minutes = seconds / 60n
  if (minutes === 0n) return `${seconds}s`
  const hours = minutes / 60n
  const rest = `${minutes % 60n}m${seconds % 60n}s`
  return hours === 0n ? rest : `${hours}h${rest}`
}
