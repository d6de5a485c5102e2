/** Names of query parameters that hold a password, or a statement that may hold one. */
const SECRET = /^\?*(?:u|p|q|password)$/i

/** Name and password before the host of an absolute-form target (RFC 9110 §4.2.4): refused, but logged. */
const USERINFO = /^([^/?#]*\/\/)[^/?#]*@/

/**
 * A request target for the log: the values of `u`, `p` and `q` replaced. Names are compared as any server might
 * read them: escaped ones count, and so do those after a `;`, yet a value only ends at `&`, since it may hold a `;`.
 */
export function redactTarget(rawTarget: string): string {
  const target = rawTarget.replace(USERINFO, '$1[REDACTED]@')
  const query = target.indexOf('?')
  if (query < 0) return target
  return target.slice(0, query + 1) + target.slice(query + 1).replace(/[^&]+/g, redactPair)
}

function redactPair(pair: string): string {
  let start = 0
  for (const part of pair.split(';')) {
    const [key = ''] = part.split('=', 1)
    if (isSecret(key)) return `${pair.slice(0, start)}${key}=[REDACTED]`
    start += part.length + 1
  }
  return pair
}

function isSecret(key: string): boolean {
  try {
    return SECRET.test(decodeURIComponent(key.replaceAll('+', ' ')))
  } catch {
    return true // what cannot be read is not shown
  }
}
