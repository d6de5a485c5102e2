import { performance } from 'node:perf_hooks'

/** A length of time in milliseconds. */
export type Milliseconds = number

export const DAY: Milliseconds = 86_400_000

/**
 * A clock: milliseconds from any fixed point, never stepping back. Expiry is measured with it, so that
 * setting the system's clock changes nothing.
 */
export type Clock = () => Milliseconds

/** The process's monotonic clock. */
export const monotonic: Clock = () => performance.now()

const UNIT: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // U+00B5, micro sign
  μs: 1e-3, // U+03BC, Greek letter mu
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y

/** Go keeps a duration as nanoseconds in 64 bits: the longest is about 292 years. */
const MAX = 2 ** 63 / 1e6

/**
 * A duration as Go's `time.ParseDuration` reads it: `1h30m`, `-1.5h`, `500ms`, `0`.
 * Days and weeks are not Go's, nor a number without a unit.
 *
 * @returns milliseconds, with a fraction where the text has one; undefined if it is not a duration
 */
export function parseDuration(text: string): Milliseconds | undefined {
  const sign = text.startsWith('-') ? -1 : 1
  const body = /^[-+]/.test(text) ? text.slice(1) : text
  if (body === '0') return 0
  if (body === '') return undefined
  let total = 0
  PART.lastIndex = 0
  while (PART.lastIndex < body.length) {
    const part = PART.exec(body)
    if (!part) return undefined
    total += Number(part[1]) * (UNIT[part[2] as string] as number)
  }
  return total < MAX ? sign * total : undefined
}

const SECOND = 1_000_000_000n

/** A duration as Go prints it: `1h30m0s`, `500ms`, `1.5µs`, `0s`. `parseDuration` reads it back, to the nanosecond. */
export function formatDuration(ms: Milliseconds): string {
  if (ms < 0) return `-${formatDuration(-ms)}`
  const ns = BigInt(Math.round(ms * 1e6))
  if (ns === 0n) return '0s'
  if (ns < 1_000n) return `${ns}ns`
  if (ns < 1_000_000n) return `${decimal(ns, 3)}µs`
  if (ns < SECOND) return `${decimal(ns, 6)}ms`
  const minutes = ns / SECOND / 60n
  const hours = minutes / 60n
  const parts = [hours > 0n && `${hours}h`, minutes > 0n && `${minutes % 60n}m`]
  return `${parts.filter(Boolean).join('')}${decimal(ns % (60n * SECOND), 9)}s`
}

/** `value` with the decimal point `digits` places to the left, without trailing zeros: (1500, 3) is `1.5`. */
function decimal(value: bigint, digits: number): string {
  const text = String(value).padStart(digits + 1, '0')
  const fraction = text.slice(-digits).replace(/0+$/, '')
  return text.slice(0, -digits) + (fraction && `.${fraction}`)
}

/** The longest time that a timer of Node's can keep: a longer one would fire at once. */
export const LONGEST_TIMER: Milliseconds = 2 ** 31 - 1

/**
 * Resolves after that time, or at once when the signal comes.
 *
 * @param options `ref`: whether it keeps the process from ending @default true
 */
export function pause(
  time: Milliseconds,
  signal?: AbortSignal,
  { ref = true }: { ref?: boolean } = {},
): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, Math.min(time, LONGEST_TIMER))
    if (!ref) timer.unref()
    if (signal?.aborted) end()
    else signal?.addEventListener('abort', end)
  })
}

/**
 * What `promise` resolves to if it does so within that time, as `{ value }`; undefined if it takes longer. Rejects as
 * `promise` does; what comes later is dropped.
 */
export function withDeadline<T>(
  ms: Milliseconds,
  promise: Promise<T>,
): Promise<{ value: T } | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms, undefined)
    promise.then((value) => resolve({ value }), reject).finally(() => clearTimeout(timer))
  })
}
