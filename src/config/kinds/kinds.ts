import { z } from 'zod'
import { type Milliseconds, parseDuration } from '../../time.js'
import { createKind, type Kind, mistaken } from './kind.js'

const TRUE = ['1', 't', 'T', 'TRUE', 'true', 'True']
const FALSE = ['0', 'f', 'F', 'FALSE', 'false', 'False']
const WHOLE = /^(?:0|-?[1-9]\d*)$/

/** For zod: a text where another type belongs has quotes too many. */
const quotes = {
  error: ({ input }: { input?: unknown }) => (typeof input === 'string' ? 'in quotes' : undefined),
}

/** A text; where another type is found, it most often lacks its quotes. */
export const string = z.string({
  error: ({ input }) => (/number|boolean/.test(typeof input) ? 'without quotes' : undefined),
})

/** Yes or no; as text what Go's `strconv.ParseBool` reads. */
export const boolean: Kind<boolean> = createKind({
  expected: 'true or false',
  typed: z.boolean(quotes),
  text: z.stringbool({ truthy: TRUE, falsy: FALSE, case: 'sensitive' }),
})

/** A whole number; as text in decimal, without a leading zero (Kapacitor reads that as octal). */
export function integer(min: number, max: number): Kind<number> {
  const typed = z.int(quotes).min(min).max(max)
  return createKind({
    expected: `a whole number from ${min} to ${max}`,
    typed,
    text: z.string().regex(WHOLE).transform(Number).pipe(typed),
  })
}

/** How many processes: a number, or `auto`, which is 0 here. */
export const workers: Kind<number> = createKind({
  expected: 'a whole number from 1 to 256, or "auto"',
  typed: z.union([z.literal('auto').transform(() => 0), z.int().min(1).max(256)]),
  text: z.union([
    z.literal('auto').transform(() => 0),
    z.string().regex(WHOLE).transform(Number).pipe(z.int().min(1).max(256)),
  ]),
})

/** One of a few words. */
export function choice<const T extends string>(...words: [T, ...T[]]): Kind<T> {
  const quoted = words.map((word) => `"${word}"`)
  return createKind({
    expected: `one of ${quoted.join(', ')}`,
    typed: z.enum(words),
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
    typed: z
      .string({ error: ({ input }) => (typeof input === 'number' ? NO_UNIT : undefined) })
      .check(mistaken(durationMistake))
      .transform((text) => parseDuration(text) as Milliseconds)
      .pipe(
        z
          .number()
          .min(least, least > 0 ? 'too short' : 'it is negative')
          .max(most, 'too long'),
      ),
  })
}

const NO_UNIT = 'the unit is missing (ms, s, m or h)'

function durationMistake(text: string): string | undefined {
  if (parseDuration(text) !== undefined) return undefined
  if (/^[\d.]+$/.test(text)) return NO_UNIT
  return /^[\d.]+[dw]/.test(text) ? 'Go knows no days and weeks; write hours' : ''
}

/** A user name that can be sent in HTTP Basic (RFC 7617 §2: no colon). Empty is none. */
export const username: Kind<string> = createKind({
  expected: 'a user name without colon and control characters',
  typed: string.regex(/^[^\p{Cc}:]*$/u),
})

/** The path of a file or directory; what is there is looked at by whoever uses it. */
export const path: Kind<string> = createKind({
  expected: 'a path',
  typed: string.check(mistaken(pathMistake)),
})

function pathMistake(value: string): string | undefined {
  if (value.includes('-----BEGIN')) return "that is the file's content"
  return /\p{Cc}/u.test(value) ? 'there is a control character in it' : undefined
}

/** What the names of keys in etcd begin with. */
export const keyPrefix: Kind<string> = createKind({
  expected: 'a text of 1 to 255 characters such as /kapacitor-auth/, without spaces',
  typed: string.regex(/^[\x21-\x7e]{1,255}$/),
})
