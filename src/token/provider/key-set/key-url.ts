import { isLoopback } from '../../../http/loopback.js'

/** Whether keys may be fetched from it: https, or http on loopback; no user name or password in it. */
export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
}

/** A URL for messages: without its query. */
export function endpointText(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}
