import { shown } from '../../text/printable.js'
import { parseTime } from '../../text/rfc3339.js'
import { DAY, type Milliseconds, parseDuration } from '../../time.js'
import { mistake } from '../mistake.js'

/** RFC 3339, its date alone, and what `date +%Y-%m-%dT%H:%M:%S%z` prints: a zone without a colon. */
const TIME =
  /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?([Zz]|[+-]\d\d:?\d\d))?$/

const DAYS = /^(\d{1,5})([dw])$/

const LONGEST: Milliseconds = 100 * 365 * DAY

/**
 * When a token expires: after a time (`30d`, `2w`, `12h`), or at one (`2027-01-31`, at the beginning of that day in
 * UTC, or RFC 3339).
 *
 * @param flag names it in messages
 * @throws AuthError one line, if it is neither, in the past, or too far ahead
 */
export function expiryOf(flag: string, text: string, now: Milliseconds): Date {
  const time = timeOf(text, now)
  if (time === undefined) {
    throw mistake(
      `${flag} ${shown(text)}: expected a time such as 30d, 12h, 2027-01-31 or 2027-01-31T12:00:00Z`,
    )
  }
  if (time <= now) throw mistake(`${flag} ${shown(text)} is in the past`)
  if (time > now + LONGEST) throw mistake(`${flag} ${shown(text)} is more than 100 years ahead`)
  return new Date(Math.ceil(time / 1000) * 1000)
}

function timeOf(text: string, now: Milliseconds): Milliseconds | undefined {
  const [, count, unit] = DAYS.exec(text) ?? []
  if (count !== undefined) return now + Number(count) * DAY * (unit === 'w' ? 7 : 1)
  const duration = parseDuration(text)
  if (duration !== undefined) return now + duration
  const [, date, clock = '00:00:00', zone = 'Z'] = TIME.exec(text) ?? []
  if (date === undefined) return undefined
  return parseTime(`${date}T${clock.length === 5 ? `${clock}:00` : clock}${zone}`)
}
