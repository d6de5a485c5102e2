import { isLoopback } from '../../http/loopback.js'
import { placeholderProblem } from '../../text/placeholder.js'

/**
 * What is wrong with a URL at which a provider is asked, in words; undefined if nothing is. Secrets are sent there: it
 * must be https, or http on loopback.
 */
export function urlProblem(text: string): string | undefined {
  const example = placeholderProblem(text)
  if (example !== undefined) return `cannot be used: ${example}`
  if (!URL.canParse(text)) return 'is not a URL'
  const { protocol, hostname, username, password, hash } = new URL(text)
  if (username !== '' || password !== '') return 'must not hold a user name or a password'
  if (hash !== '') return 'must not hold a fragment (#…)'
  if (protocol === 'https:') return undefined
  if (protocol !== 'http:') return 'must begin with https://'
  return isLoopback(hostname)
    ? undefined
    : 'must begin with https://: over http everybody on the way can read and change it'
}

/** Host and port of a URL, for people. */
export function hostOf(url: string): string {
  return new URL(url).host
}
