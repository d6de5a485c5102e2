/** IPv4 127.0.0.0/8 as `URL` writes it, IPv6 and the name (RFC 6761 §6.3). */
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|\[::1\]|(?:.+\.)?localhost)$/

/** Whether a URL's host is this machine itself. */
export const isLoopback = (url: URL): boolean => LOOPBACK.test(url.hostname)

/** Whether keys may be fetched from it: https, or http on loopback; no user name or password in it. */
export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))
}

/** A URL for messages: without its query. */
export function endpointText(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}
