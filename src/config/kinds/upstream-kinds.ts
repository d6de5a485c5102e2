import { isIP } from 'node:net'
import { z } from 'zod'
import { shown } from '../../text/printable.js'
import { MASK } from '../../text/secret.js'
import { createKind, type Kind, mistaken } from './kind.js'
import { string } from './kinds.js'

/** Where a guarded daemon listens; empty is nowhere. */
export const upstreamUrl: Kind<string> = createKind({
  expected: 'http://host:port, https://host:port or unix:/path/to.sock',
  typed: string.check(mistaken(urlMistake)),
  show: (value) =>
    shown(typeof value === 'string' ? value.replace(/\/\/.*@/s, `//${MASK}@`) : value),
})

function urlMistake(text: string): string | undefined {
  if (text === '') return undefined
  if (text.startsWith('unix:')) return text[5] === '/' ? undefined : 'the path must be absolute'
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return ''
  if (url.username || url.password) return 'credentials are not sent: the daemon needs none'
  if (url.pathname !== '/' || url.search || url.hash) {
    return 'requests keep their own path, so there must be none here'
  }
  return url.port === '0' ? 'port 0 is none' : undefined
}

/** Addresses and networks: several in one text separated by commas, or in an array. */
export const networks: Kind<readonly string[]> = createKind<readonly string[]>({
  expected: 'addresses and networks such as 10.0.0.7, 10.0.0.0/8, fd00::/8; separated by commas',
  typed: z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').filter((item) => item.trim()) : value),
    z
      .array(z.string())
      .transform((items) => items.map((item) => item.trim()))
      .check(mistaken((items) => items.map(networkMistake).find(Boolean))),
  ),
})

function networkMistake(item: string): string | undefined {
  const [address = '', prefix, ...rest] = item.split('/')
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] as number
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)
  if (bits < 0 || !isPrefix || rest.length > 0) return `${shown(item)} is neither`
  return /^::ffff:/i.test(address) ? `${shown(item)} must be written as IPv4` : undefined
}
