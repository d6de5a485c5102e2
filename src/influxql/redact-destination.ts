/** Stands for a password or token. It may stand in a URL as it is. */
const HIDDEN = '***'

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i

/**
 * The destination of a subscription without the password in it: `http://writer:***@gateway:9092`. What stands behind a
 * question mark is hidden, too. A password may hold anything, so it goes on up to the last `@`.
 */
export function redactDestination(destination: string): string {
  const scheme = SCHEME.exec(destination)?.[0] ?? ''
  const rest = destination.slice(scheme.length)
  const end = rest.lastIndexOf('@')
  const [user = '', password] = rest.slice(0, Math.max(end, 0)).split(':', 2)
  const credentials = end < 0 ? '' : `${user}${password === undefined ? '' : `:${HIDDEN}`}@`
  return scheme + credentials + rest.slice(end + 1).replace(/\?.*$/s, `?${HIDDEN}`)
}
