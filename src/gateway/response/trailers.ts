import { headerKind } from '../request/header-kind.js'

/** What has no place in a trailer (RFC 9110 §6.5.1): a receiver that merges it into the headers would act on it. */
const FORBIDDEN =
  /^(?:age|cache-control|content-(?:disposition|encoding|language|length|location|range|type)|date|expires|location|max-forwards|pragma|range|retry-after|set-cookie|vary|warning|www-authenticate|if-.*)$/i

/**
 * The trailers that are passed on, as pairs of name and value.
 *
 * @param rawTrailers names and values in turn
 * @returns undefined if there are none
 */
export function passedTrailers(rawTrailers: readonly string[]): [string, string][] | undefined {
  if (rawTrailers.length === 0) return undefined
  const pairs: [string, string][] = []
  for (let i = 0; i < rawTrailers.length; i += 2) {
    const name = rawTrailers[i] as string
    if (headerKind(name.toLowerCase()) === 'pass' && !FORBIDDEN.test(name)) {
      pairs.push([name, rawTrailers[i + 1] as string])
    }
  }
  return pairs.length > 0 ? pairs : undefined
}
