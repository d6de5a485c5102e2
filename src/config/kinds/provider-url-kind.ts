import { isLoopback } from '../../http/loopback.js'
import { quoted, shown } from '../../text/printable.js'
import { MASK } from '../../text/secret.js'
import { createKind, type Kind } from './kind.js'
import { readText } from './kinds.js'

/**
 * A URL of an identity provider, kept as it was written: an issuer is compared byte for byte. Plain http is for this
 * machine only. Empty if there is none.
 *
 * @param rules whether it may have a query @default none
 */
export function providerUrl({ query = false } = {}): Kind<string> {
  return createKind({
    expected: 'an https:// URL, or an http:// URL of this machine',
    typed: readText((text) => providerUrlProblem(text, query)),
    show: (value) =>
      shown(typeof value === 'string' ? value.replace(/\/\/[^/]*@/s, `//${MASK}@`) : value),
    print: quoted,
  })
}

function providerUrlProblem(text: string, query: boolean): string | undefined {
  if (text === '') return undefined
  if (/[\s\p{Cc}]/u.test(text)) return 'there is a space or a line break in it'
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return ''
  if (url.username || url.password) return 'without user name and password'
  if (url.hash || text.endsWith('#')) return 'without #'
  if (!query && (url.search || text.endsWith('?'))) return 'without ?'
  if (url.port === '0') return 'port 0 cannot be connected to'
  return url.protocol === 'https:' || isLoopback(url.hostname)
    ? undefined
    : 'plain http could be read and changed on the network'
}
