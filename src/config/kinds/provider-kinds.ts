import { quoted, shown } from '../../text/printable.js'
import { MASK } from '../../text/secret.js'
import { isLoopback } from './address.js'
import { createKind, type Kind, right, wrong } from './kind.js'
import { readText } from './kinds.js'
import { listKind } from './list-kind.js'

/** Those of a provider's tokens that are accepted: by a public key, never by a shared secret. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'],
  ...['EdDSA', 'Ed25519'],
] as const

/** All of them, as the default of a key. */
export const ALL_ALGORITHMS = ALGORITHMS.join(',')

/** The longest subject, client or audience, in characters. */
const LONGEST_ID = 255

/**
 * A URL of an identity provider, kept as it was written: an issuer is compared byte for byte. Plain http is for this
 * machine only. Empty if there is none.
 *
 * @param allows what the URL may have besides host and path
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
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return url.protocol === 'https:' || isLoopback(host)
    ? undefined
    : 'plain http could be read and changed on the network'
}

/** What is wrong with an id of a provider's user, as it stands in a token; undefined if nothing is. */
export function subjectProblem(id: string): string | undefined {
  if (id === '') return 'it is empty'
  if (id.length > LONGEST_ID) return `it has more than ${LONGEST_ID} characters`
  if (id !== id.trim()) return 'there are spaces around it'
  if (/\p{Cc}/u.test(id)) return 'there is a control character in it'
  if (/^\d(?:\.\d+)?e\+\d+$/i.test(id)) {
    return 'it is a number that was rounded, as YAML and Helm do with a long one without quotes'
  }
  return undefined
}

/** Texts that are compared byte for byte with what a token holds. */
export function identifiers(expected: string): Kind<readonly string[]> {
  return listKind({
    expected,
    problem(items) {
      for (const [index, item] of items.entries()) {
        const problem = subjectProblem(item)
        if (problem !== undefined) return `${shown(item)}: ${problem}`
        if (items.indexOf(item) !== index) return `${shown(item)} is there twice`
      }
      return undefined
    },
  })
}

/** Signature algorithms (RFC 7518, RFC 8037). */
export const algorithms: Kind<readonly string[]> = listKind({
  expected: `any of ${ALGORITHMS.join(', ')}; separated by commas`,
  problem(items) {
    if (items.length === 0) return 'with none, no token could be accepted'
    const bad = items.find((item) => !(ALGORITHMS as readonly string[]).includes(item))
    if (bad === undefined) return undefined
    if (/^hs/i.test(bad)) return `${shown(bad)} needs a shared secret, see [http] shared-secret`
    return /^none$/i.test(bad) ? 'a token without signature proves nothing' : shown(bad)
  },
})

/** The name of a claim, or a JSON pointer to one; empty if there is none. */
export const claimName: Kind<string> = createKind({
  expected: 'the name of a claim such as sub, or a JSON pointer such as /realm_access/roles',
  typed: readText((text) => {
    if (text !== text.trim()) return 'there are spaces around it'
    return /\p{Cc}/u.test(text) || text.length > LONGEST_ID ? '' : undefined
  }),
  print: quoted,
})

/** A short text such as a name, on one line; empty if there is none. */
export const providerName: Kind<string> = createKind({
  expected: 'a name such as keycloak, auth0 or azure',
  typed: readText((text) => {
    if (text !== text.trim()) return 'there are spaces around it'
    return /\p{Cc}/u.test(text) || text.length > LONGEST_ID ? '' : undefined
  }),
  print: quoted,
})

/** A group of the provider, and the role that its members have. */
export interface GroupRole {
  readonly group: string
  readonly role: string
}

/** `group=role`, split at the last `=`: several in one text separated by commas, or in an array. */
export const groupRoles: Kind<readonly GroupRole[]> = createKind<readonly GroupRole[]>({
  expected: 'group=role, such as /ops=operators; several separated by commas',
  typed(value) {
    const pairs = GROUP_ROLE_TEXTS.typed(value)
    if (!pairs.ok) return pairs
    const roles = pairs.value.map(parsePair)
    const bad = roles.findIndex(({ group, role }) => group === '' || role === '')
    return bad < 0 ? right(roles) : wrong(`${shown(pairs.value[bad])}: a name is missing`)
  },
  print: (roles) => GROUP_ROLE_TEXTS.print(roles.map(({ group, role }) => `${group}=${role}`)),
})

const GROUP_ROLE_TEXTS = identifiers('')

function parsePair(text: string): GroupRole {
  const at = text.lastIndexOf('=')
  return Object.freeze({
    group: text.slice(0, Math.max(at, 0)).trim(),
    role: text.slice(at + 1).trim(),
  })
}
