import { escaped } from '../text/printable.js'

/** A line as pino writes it: the level as a number. */
interface Line {
  readonly level: number
  readonly time: string
  readonly msg?: string
  readonly err?: { readonly message?: string; readonly stack?: string }
}

/** Names and colours (ANSI escape sequences) of the levels, the highest first. */
const LEVELS = [
  { from: 50, name: 'ERROR', colour: '\u001b[31m' },
  { from: 40, name: 'WARN ', colour: '\u001b[33m' },
  { from: 30, name: 'INFO ', colour: '\u001b[32m' },
  { from: 0, name: 'DEBUG', colour: '\u001b[34m' },
] as const

const PLAIN = '\u001b[0m'

/** Values that need no quotation marks. */
const BARE = /^[\w./:@%+-]+$/

/**
 * A log line for people: the local time, the level, the message, then `key=value` for each field; an error's stack on
 * lines of its own. What comes from outside is escaped as in JSON.
 */
export function readableLine(json: string, coloured: boolean): string {
  const { level, time, msg = '', err, ...fields } = JSON.parse(json) as Line
  const { name, colour } = LEVELS.find(({ from }) => level >= from) ?? LEVELS[3]
  const shown = coloured ? `${colour}${name}${PLAIN}` : name
  const pairs = Object.entries(fields).map(([key, value]) => ` ${escaped(key)}=${valueText(value)}`)
  return `${clock(new Date(time))} ${shown} ${escaped(msg)}${pairs.join('')}\n${stackText(err)}`
}

function valueText(value: unknown): string {
  if (typeof value === 'string' && BARE.test(value)) return value
  return escaped(JSON.stringify(value) ?? '')
}

function stackText(err: Line['err']): string {
  const text = err?.stack ?? err?.message
  return text === undefined
    ? ''
    : text
        .split('\n')
        .map((line) => `  ${escaped(line)}\n`)
        .join('')
}

/** `14:03:59.123` */
function clock(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
