const TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:?\d\d)$/

/**
 * A time as RFC 3339 writes it, with its offset, which may also be `+0000`, as `date +%z` prints it.
 *
 * @returns milliseconds since 1970, of at least 0; undefined if it is not one, as the 30th of February
 */
export function parseTime(text: string): number | undefined {
  const found = TIME.exec(text)
  if (!found) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map(Number)
  const fraction = Math.floor(Number(`0${found[7] ?? ''}`) * 1_000)
  const offset = offsetOf(found[8] as string)
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  if (!isDay || hour > 23 || minute > 59 || second > 59 || offset === undefined) return undefined
  const time = date.setUTCHours(hour, minute, second, fraction) - offset
  return time >= 0 ? time : undefined
}

/** In milliseconds. */
function offsetOf(text: string): number | undefined {
  if (/^z$/i.test(text)) return 0
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(-2))]
  if (hours > 23 || minutes > 59) return undefined
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

/** A time as RFC 3339 writes it, in UTC and to the second, which is as much as people read. */
export function formatTime(time: number | string): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
}
