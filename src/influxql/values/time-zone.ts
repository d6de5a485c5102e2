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

/** `Intl` takes any case and offsets such as `+01:00`, files have one spelling: some letter in upper case first. */
function isAlias(name: string): boolean {
  const first = name.charCodeAt(0)
  if (first < 0x41 || first > 0x5a || name.length > 64) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
  } catch {
    return false
  }
  return true
}
