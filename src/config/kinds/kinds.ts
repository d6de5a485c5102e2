import { quoted } from '../../text/printable.js'
import { formatDuration, type Milliseconds, parseDuration } from '../../time.js'
import { createKind, type Kind, type Reader, right, wrong } from './kind.js'

const TRUE = ['1', 't', 'T', 'TRUE', 'true', 'True']
const FALSE = ['0', 'f', 'F', 'FALSE', 'false', 'False']
const WHOLE = /^(?:0|-?[1-9]\d*)$/

/**
 * Reads a text.
 *
 * @param problem what is wrong with it, in words; undefined if nothing is @default every text is right
 */
export function readText(
  problem: (text: string) => string | undefined = () => undefined,
): Reader<string> {
  return function read(value) {
    if (typeof value !== 'string') {
      return wrong(/number|boolean/.test(typeof value) ? 'without quotes' : '')
    }
    const hint = problem(value)
    return hint === undefined ? right(value) : wrong(hint)
  }
}

/** A kind of text. */
export function textKind(options: {
  expected: string
  problem: (text: string) => string | undefined
  show?: (value: unknown) => string
}): Kind<string> {
  return createKind({ ...options, typed: readText(options.problem), print: quoted })
}

/** Yes or no; as text what Go's `strconv.ParseBool` reads. */
export const boolean: Kind<boolean> = createKind({
  expected: 'true or false',
  typed(value) {
    if (typeof value === 'boolean') return right(value)
    return wrong(typeof value === 'string' ? 'in quotes' : '')
  },
  text(value) {
    const text = String(value)
    return TRUE.includes(text) || FALSE.includes(text) ? right(TRUE.includes(text)) : wrong()
  },
  print: String,
})

/** A whole number; as text in decimal, without a leading zero (Kapacitor reads that as octal). */
export function integer(min: number, max: number): Kind<number> {
  const typed: Reader<number> = (value) => {
    const isRight = Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max
    if (isRight) return right(value as number)
    return wrong(typeof value === 'string' ? 'in quotes' : '')
  }
  return createKind({
    expected: `a whole number from ${min} to ${max}`,
    typed,
    text: (value) => (WHOLE.test(String(value)) ? typed(Number(value)) : wrong()),
    print: String,
  })
}

const AUTO = 'auto'

/** How many processes: a number, or `auto`, which is 0 here. */
export function processes(max: number): Kind<number> {
  const number = integer(1, max)
  const orAuto =
    (read: Reader<number>): Reader<number> =>
    (value) =>
      value === AUTO ? right(0) : read(value)
  return createKind({
    expected: `${number.expected}, or "${AUTO}"`,
    typed: orAuto(number.typed),
    text: orAuto(number.text),
    print: (value) => (value === 0 ? quoted(AUTO) : String(value)),
  })
}

/** One of a few words. */
export function choice<const T extends string>(...words: [T, ...T[]]): Kind<T> {
  return createKind<T>({
    expected: `one of ${words.map((word) => `"${word}"`).join(', ')}`,
    typed(value) {
      const word = words.find((known) => known === value)
      return word === undefined ? wrong() : right(word)
    },
    print: quoted,
  })
}

export interface DurationRules {
  /** The shortest, as Go writes it. @default 0s */
  readonly min?: string
  /** The longest, as Go writes it. @default Go's own limit, about 292 years */
  readonly max?: string
}

/** A Go duration, given as text everywhere, kept in milliseconds. Never negative. */
export function duration({ min = '0s', max }: DurationRules = {}): Kind<Milliseconds> {
  const least = parseDuration(min) as Milliseconds
  const most = parseDuration(max ?? '') ?? Number.MAX_VALUE
  const from = least > 0 ? `, at least ${min}` : ''
  const to = max === undefined ? '' : `, at most ${max}`
  return createKind({
    expected: `a duration such as 10m or 1h30m${from}${to}`,
    typed(value) {
      if (typeof value !== 'string') return wrong(typeof value === 'number' ? NO_UNIT : '')
      const ms = parseDuration(value)
      if (ms === undefined) return wrong(durationHint(value))
      if (ms < least) return wrong(least > 0 ? 'too short' : 'it is negative')
      return ms > most ? wrong('too long') : right(ms)
    },
    print: (ms) => quoted(formatDuration(ms)),
  })
}

const NO_UNIT = 'the unit is missing (ms, s, m or h)'

function durationHint(text: string): string {
  if (/^[\d.]+$/.test(text)) return NO_UNIT
  return /^[\d.]+[dw]/.test(text) ? 'days and weeks are not accepted; write hours' : ''
}

/** Whether a text is the name of a variable, as shells and Docker Compose expand it: `${NAME}` or `$NAME`. */
export function isVariable(text: string): boolean {
  return /^\$(?:\{[^{}]*\}|[A-Z_][A-Z\d_]*)$/.test(text)
}

export const UNEXPANDED = 'variables are not expanded here'

/** A user name that can be sent in HTTP Basic (RFC 7617 §2: no colon). Empty: no user. */
export const username: Kind<string> = textKind({
  expected: 'a user name without colon and control characters',
  problem(text) {
    if (isVariable(text)) return UNEXPANDED
    if (text.includes(':')) return 'there is a colon in it'
    return /\p{Cc}/u.test(text) ? 'there is a control character in it' : undefined
  },
})

/** The path of a file or directory; whether there is one is found out by what uses it. */
export const path: Kind<string> = textKind({
  expected: 'a path',
  problem(text) {
    if (text.includes('-----BEGIN')) return "that is the file's content"
    return /\p{Cc}/u.test(text) ? 'there is a control character in it' : undefined
  },
})

/** What the names of keys in etcd begin with. */
export const keyPrefix: Kind<string> = textKind({
  expected: 'a text of 1 to 255 characters such as /kapacitor-auth/, without spaces',
  problem: (text) => (/^[\x21-\x7e]{1,255}$/.test(text) ? undefined : ''),
})
