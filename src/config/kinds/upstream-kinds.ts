import { networkProblem } from '../../http/network-problem.js'
import { quoted, shown } from '../../text/printable.js'
import { MASK } from '../../text/secret.js'
import { createKind, type Kind, right } from './kind.js'
import { readText } from './kinds.js'
import { listKind } from './list-kind.js'

const readUrl = readText(urlProblem)

/** Where the daemon behind the gateway listens; empty if there is none. The scheme is kept in lower case. */
export const upstreamUrl: Kind<string> = createKind({
  expected: 'http://host:port, https://host:port or unix:/path/to.sock',
  typed(value) {
    const checked = readUrl(value)
    return checked.ok ? right(checked.value.replace(/^https?:/i, lowerCase)) : checked
  },
  show: (value) =>
    shown(typeof value === 'string' ? value.replace(/\/\/.*@/s, `//${MASK}@`) : value),
  print: quoted,
})

function lowerCase(text: string): string {
  return text.toLowerCase()
}

function urlProblem(text: string): string | undefined {
  if (text === '') return undefined
  if (text.startsWith('unix:')) return text[5] === '/' ? undefined : 'the path must be absolute'
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return ''
  if (url.username || url.password) return 'credentials are not sent: the daemon needs none'
  if (url.pathname !== '/' || url.search || url.hash) {
    return 'requests keep their own path, so there must be none here'
  }
  return url.port === '0' ? 'port 0 cannot be connected to' : undefined
}

/** Addresses and networks: several in one text separated by commas, or in an array. */
export const networks: Kind<readonly string[]> = listKind({
  expected: 'addresses and networks such as 10.0.0.7, 10.0.0.0/8, fd00::/8; separated by commas',
  problem(items) {
    for (const item of items) {
      const problem = networkProblem(item)
      if (problem) return `${shown(item)} ${problem}`
    }
    return undefined
  },
})
