import type { Permissions } from '../../authz/permission.js'
import { AuthError } from '../../errors.js'
import { grantsValue } from '../grants.js'

/** How many tokens an owner has at the most, revoked and expired ones included. */
export const MOST_TOKENS = 1_000

/** How many tokens of subscriptions there are at the most, revoked ones included. */
export const MOST_SUBSCRIPTIONS = 10_000

/** The longest description, in bytes of UTF-8. */
const MAX_DESCRIPTION_BYTES = 500

/** How many databases a token names at the most, and how long all of its permissions are as JSON. */
const MOST_SCOPES = 200
const MAX_PERMISSIONS_BYTES = 16_384

/** The latest time that JavaScript's dates and ISO 8601 with four digits of the year can say. */
const LATEST = Date.parse('9999-12-31T23:59:59.999Z')

/** What is wrong with a description, as the end of a sentence; undefined if nothing is. */
export function descriptionFault(text: string): string | undefined {
  if (!text.isWellFormed()) return 'holds half a surrogate pair'
  if (/\p{Cc}/u.test(text)) return 'holds a control character'
  const bytes = Buffer.byteLength(text)
  if (bytes <= MAX_DESCRIPTION_BYTES) return undefined
  return `is ${bytes} bytes long, ${MAX_DESCRIPTION_BYTES} are allowed`
}

/** Whether that can be a time in milliseconds since 1970. */
export function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= LATEST
}

/** @throws AuthError `ERR_REQUEST_INVALID` for what cannot be a token's */
export function requireTokenFields(
  description: string,
  permissions: Permissions,
  expiresAt: number | undefined,
): void {
  const fault = descriptionFault(description)
  if (fault) throw mistake(`"description" ${fault}`)
  if (permissions.size > MOST_SCOPES) {
    throw mistake(`"permissions" names ${permissions.size} databases, ${MOST_SCOPES} are allowed`)
  }
  const bytes = Buffer.byteLength(JSON.stringify(grantsValue(permissions)))
  if (bytes > MAX_PERMISSIONS_BYTES) {
    throw mistake(`"permissions" is ${bytes} bytes long, ${MAX_PERMISSIONS_BYTES} are allowed`)
  }
  if (expiresAt !== undefined && !isTime(expiresAt)) throw mistake('"expiresAt" is not a time')
}

function mistake(message: string): AuthError {
  return new AuthError('ERR_REQUEST_INVALID', message)
}
