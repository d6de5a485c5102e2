/** Names of query parameters that hold a password, or a statement that may hold one. */
const SECRET = /^(?:u|p|q)$/

/**
 * A request target for the log: the values of `u`, `p` and `q` replaced. Names are compared as a server would
 * read them: escaped ones count, and `;` separates too.
 */
export function redactTarget(target: string): string {
  const query = target.indexOf('?')
  if (query < 0) return target
  const redacted = target.slice(query + 1).replace(/[^&;]+/g, (pair) => {
    const [key = ''] = pair.split('=', 1)
    return isSecret(key) ? `${key}=[REDACTED]` : pair
  })
  return `${target.slice(0, query + 1)}${redacted}`
}

function isSecret(key: string): boolean {
  try {
    return SECRET.test(decodeURIComponent(key.replaceAll('+', ' ')))
  } catch {
    return true // what cannot be read is not shown
  }
}
