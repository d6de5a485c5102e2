import { shown } from '../../text/printable.js'
import { MASK } from '../../text/secret.js'
import { type AddressRules, addressProblem } from './address.js'
import type { Kind } from './kind.js'
import { textKind } from './kinds.js'
import { listKind } from './list-kind.js'

/** Where to listen: `host:port`, `:port` or `[IPv6]:port`; port 0 is any free one. */
export function bindAddress(): Kind<string> {
  const rules = { listen: true, tlsKey: 'https-enabled' }
  return textKind({
    expected: 'host:port, such as 127.0.0.1:9092 or :9092',
    problem: (text) => addressProblem(text, rules),
    show: shownAddress,
  })
}

/**
 * Servers to connect to: `host:port`, several in one text separated by commas, or in an array.
 *
 * @param tlsKey the key that switches TLS on, for the message about `https://` in an address
 * @param example one of them, for messages
 */
export function addresses(tlsKey: string, example = '127.0.0.1:8091'): Kind<readonly string[]> {
  const rules = { listen: false, tlsKey }
  return listKind({
    expected: `host:port, such as ${example}; several separated by commas`,
    problem: (items) => listProblem(items, rules),
    show: shownAddress,
  })
}

function listProblem(items: readonly string[], rules: AddressRules): string | undefined {
  const seen = new Set<string>()
  for (const item of items) {
    const problem = addressProblem(item, rules)
    if (problem !== undefined) {
      return items.length > 1 ? `${shownAddress(item)}: ${problem}` : problem
    }
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
