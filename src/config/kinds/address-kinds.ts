import { z } from 'zod'
import { shown } from '../../text/printable.js'
import { MASK } from '../../text/secret.js'
import { type AddressRules, addressMistake } from './address.js'
import { createKind, type Kind, mistaken } from './kind.js'
import { string } from './kinds.js'

/** Where to listen: `host:port`, `:port` or `[IPv6]:port`; port 0 is any free one. */
export function bindAddress(): Kind<string> {
  const rules = { listen: true, tlsKey: 'https-enabled' }
  return createKind({
    expected: 'host:port, such as 127.0.0.1:9092 or :9092',
    typed: string.check(mistaken((value: string) => addressMistake(value, rules))),
    show: shownAddress,
  })
}

/**
 * Whom to ask: `host:port`, several in one text separated by commas, or in an array. Kept as an array,
 * without the spaces around.
 *
 * @param tlsKey the key that switches TLS on, named to whoever writes `https://`
 * @param example one of them, for messages
 */
export function addresses(tlsKey: string, example = '127.0.0.1:8091'): Kind<readonly string[]> {
  const rules = { listen: false, tlsKey }
  const list = z.array(z.string()).transform((items) => items.map((item) => item.trim()))
  return createKind<readonly string[]>({
    expected: `host:port, such as ${example}; several separated by commas`,
    typed: z.preprocess(separated, list.check(mistaken((items) => listMistake(items, rules)))),
    show: shownAddress,
  })
}

/** A text taken apart at its commas, an empty one into nothing; anything else as it is. */
function separated(value: unknown): unknown {
  if (typeof value !== 'string') return value
  return value.trim() === '' ? [] : value.split(',')
}

function listMistake(items: readonly string[], rules: AddressRules): string | undefined {
  const seen = new Set<string>()
  for (const item of items) {
    const mistake = addressMistake(item, rules)
    if (mistake !== undefined)
      return items.length > 1 ? `${shownAddress(item)}: ${mistake}` : mistake
    if (seen.has(item.toLowerCase())) return `${shownAddress(item)} is there twice`
    seen.add(item.toLowerCase())
  }
  return undefined
}

/** An address as it was given, without the password that some write into it. */
function shownAddress(value: unknown): string {
  return shown(Array.isArray(value) ? value.map(withoutPassword) : withoutPassword(value))
}

function withoutPassword(value: unknown): unknown {
  if (typeof value !== 'string') return value
  return value.replace(/^.*@/s, `${MASK}@`).replace(/[?#].*$/s, `?${MASK}`)
}
