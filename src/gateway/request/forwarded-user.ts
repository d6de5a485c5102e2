/** Everything but visible ASCII; and the percent sign, so that no two names are written alike. */
const ESCAPED = /[^!-$&-~]/gu

/**
 * A user's name as the value of `X-Forwarded-User`: visible ASCII as it stands, but `%`, spaces and all other
 * characters percent-encoded in UTF-8 (RFC 3986 §2.1). One-to-one: decoded once, it is the name.
 *
 * @returns undefined for a name that has no UTF-8 (half a surrogate pair)
 */
export function encodeUser(name: string): string | undefined {
  if (PLAIN.test(name)) return name
  return name.isWellFormed() ? name.replace(ESCAPED, encodeURIComponent) : undefined
}

const PLAIN = /^[!-$&-~]*$/
