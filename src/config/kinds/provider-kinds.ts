import { shown } from '../../text/printable.js'
import { createKind, type Kind, right, wrong } from './kind.js'
import { textKind } from './kinds.js'
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

/** What is wrong with an id or a name that is compared with what a token holds; undefined if nothing is. */
export function idProblem(id: string): string | undefined {
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
        const problem = idProblem(item)
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
    return /^none$/i.test(bad)
      ? 'a token without signature proves nothing'
      : `${shown(bad)} is not one of them`
  },
})

/** The name of a claim, or a JSON pointer to one; empty if there is none. */
export const claimName: Kind<string> = textKind({
  expected: 'the name of a claim such as sub, or a JSON pointer such as /realm_access/roles',
  problem: nameProblem,
})

/** A name on one line; empty if there is none. */
export const providerName: Kind<string> = textKind({
  expected: 'a name such as keycloak, auth0 or azure',
  problem: nameProblem,
})

function nameProblem(text: string): string | undefined {
  return text === '' ? undefined : idProblem(text)
}

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
    return bad < 0 ? right(roles) : wrong(`${shown(pairs.value[bad])}: it must be group=role`)
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
