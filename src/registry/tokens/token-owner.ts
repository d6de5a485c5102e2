import { createHash } from 'node:crypto'
import type { TokenOwner } from '../../authz/user.js'
import { AuthError } from '../../errors.js'
import { escaped } from '../../text/printable.js'
import { nameFault } from '../name.js'
import type { Value } from '../store/store.js'
import type { Key } from '../store/store-key.js'

/** The part of a key that stands for an owner: kind and who. Issuers may be long, so a subject is hashed. */
export function ownerKey(owner: TokenOwner): Key {
  switch (owner.kind) {
    case 'user':
      return ['user', owner.name]
    case 'subject': {
      const both = JSON.stringify([owner.issuer, owner.subject])
      return ['subject', createHash('sha256').update(both).digest('hex')]
    }
    case 'node':
      return ['node', 'node']
  }
}

/** Whether both are the same. */
export function isSameOwner(a: TokenOwner, b: TokenOwner): boolean {
  return ownerKey(a).join('\0') === ownerKey(b).join('\0')
}

/** The owner in words: `user ann`, `subject 4711 of https://sso.example.com`, `node`. */
export function ownerText(owner: TokenOwner): string {
  switch (owner.kind) {
    case 'user':
      return `user ${escaped(owner.name)}`
    case 'subject':
      return `subject ${escaped(owner.subject)} of ${escaped(owner.issuer)}`
    case 'node':
      return 'node'
  }
}

/** How many roles of a subject are kept with a token. */
const MOST_ROLES = 100

/** The owner as the store, backups and the API write it; undefined if it is not one. */
export function ownerIn(value: unknown): TokenOwner | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { kind, name, issuer, subject, roles } = value as Readonly<Record<string, unknown>>
  if (kind === 'node') return { kind }
  if (kind === 'user' && isName(name)) return { kind, name }
  if (kind !== 'subject' || !isText(issuer) || !isText(subject)) return undefined
  if (roles === undefined) return { kind, issuer, subject }
  if (!Array.isArray(roles) || roles.length > MOST_ROLES || !roles.every(isName)) return undefined
  return { kind, issuer, subject, roles }
}

/** @throws AuthError `ERR_REQUEST_INVALID` if it is not one */
export function ownerValue(owner: TokenOwner): Value {
  const known = ownerIn(owner)
  if (!known) throw new AuthError('ERR_REQUEST_INVALID', 'nobody can own that token')
  return { ...known } as Value
}

const isName = (value: unknown): value is string =>
  typeof value === 'string' && nameFault(value) === undefined

/** Issuers and subjects come from verified tokens, which bound them already; these are the bounds of a backup. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 2_048 && value.isWellFormed()
}
