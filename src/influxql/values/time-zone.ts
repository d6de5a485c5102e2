/**
 * The name of a time zone as InfluxDB prints it, or undefined if there is none of that name.
 *
 * Which names there are is what JavaScript's `Intl` knows: the IANA names, in their own spelling. What is particular to the
 * files of one machine (`posix/…`, `right/…`, `localtime`) is unknown.
 */
export function timeZoneName(name: string): string | undefined {
  if (name === '' || name === 'UTC') return 'UTC'
  if (name === 'Local') return name
  if (CANONICAL.has(name)) return name
  return isAlias(name) ? name : undefined
}

const CANONICAL: ReadonlySet<string> = new Set(Intl.supportedValuesOf('timeZone'))

/** `Intl` takes any case, and offsets such as `+01:00`; a file has one spelling, with a capital letter in each part. */
const SPELLING = /^[A-Z][\w+-]*(?:\/[A-Z][\w+-]*){0,2}$/

function isAlias(name: string): boolean {
  if (name.length > 64 || !SPELLING.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
  } catch {
    return false
  }
  return true
}
