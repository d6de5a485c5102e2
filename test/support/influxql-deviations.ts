/** Where we differ from Debian's InfluxQL library on purpose, or because it does not matter; each with its reason. */
export interface Deviation {
  name: string
  reason: string
}

/** One query, and what both have said. */
export interface Disagreement {
  query: string
  ours: string | undefined
  theirs: string | undefined
}

interface ErrorDeviation extends Deviation {
  isSeen(disagreement: Disagreement): boolean
}

interface TextDeviation extends Deviation {
  /** Seen in our text, which is not the same as theirs. */
  pattern: RegExp
}

/** One takes what the other does not, or both refuse it in other words. */
export const ERROR_DEVIATIONS: readonly ErrorDeviation[] = [
  {
    name: 'names of time zones',
    reason: 'JavaScript knows the IANA names, Go looks for files: other capitals and odd paths differ. InfluxDB has the last word.',
    isSeen: ({ ours = '', theirs = '' }) => `${ours}${theirs}`.includes('unable to find time zone'),
  },
  {
    name: 'a bound regular expression as an operand',
    reason: 'InfluxQL has no way to write one there without a parameter, so it could not be printed.',
    isSeen: ({ ours }) => ours === 'a regular expression may stand behind =~ and !~ only',
  },
  {
    name: 'a bound negative duration in a clause',
    reason: 'InfluxQL has no way to write one there without a parameter, and it means nothing.',
    isSeen: ({ ours = '' }) => /^found -\w+, expected duration/.test(ours),
  },
  {
    name: 'a bound text with a carriage return, a NUL, or a line break in a regular expression',
    reason: 'InfluxQL has no way to write one: the scanner turns one into a line break and takes the other for the end.',
    isSeen: ({ ours = '' }) => ours.includes('text with a control character that InfluxQL cannot write'),
  },
]

/**
 * Both take it, but print it in other words. What we print is the same query to InfluxDB in every case; what InfluxDB prints is
 * another one, or none.
 */
export const TEXT_DEVIATIONS: readonly TextDeviation[] = [
  {
    name: 'numbers',
    reason: 'InfluxDB cuts them after three digits: `a > 0.0001` would be `a > 0.000`.',
    pattern: /\d\.\d{4,}/,
  },
  {
    name: 'signs behind *, /, % and &',
    reason: 'InfluxDB prints `a / -b` as `a / -1 * b`, which is `-(a / 1) * b`.',
    pattern: / [*/%&] [-+](?:\w|"|\()/,
  },
  {
    name: 'names of functions',
    reason: 'InfluxDB does not quote them.',
    pattern: /"\(/,
  },
  {
    name: 'DISTINCT',
    reason: 'InfluxDB does not quote the name.',
    pattern: /DISTINCT "/,
  },
  {
    name: 'SHOW MEASUREMENTS ON',
    reason: 'InfluxDB does not quote the name.',
    pattern: /SHOW MEASUREMENTS ON "/,
  },
  {
    name: 'CREATE DATABASE',
    reason: 'InfluxDB prints some durations as it cannot read them (`1.5s`, `5µs`), and WITH with nothing behind it.',
    pattern: /CREATE DATABASE .* WITH /,
  },
  {
    name: 'fill with a whole number that has a point',
    reason: 'InfluxDB prints it without, which is an integer, and large ones with an exponent.',
    pattern: /fill\(-?\d+\.000\)/,
  },
  {
    name: 'empty names',
    reason: 'InfluxDB prints nothing where a name must be.',
    pattern: /""/,
  },
]
