import type { TokenOwner } from '../../authz/user.js'
import { type JsonObject, listOf, objectOf, own, readJson, textOf } from '../wire/answer-json.js'
import type { Answer } from '../wire/meta-exchange.js'
import { invalidAnswer } from '../wire/refusal.js'
import { readOwner } from './token-owner-document.js'

/** A permission of a token as InfluxDB 3 writes it: `read`, `write` or the name of another, and a database or `*`. */
export interface TokenPermission {
  readonly action: string
  readonly resource: string
}

/** An own token as a meta node writes it. All times are ISO 8601; one that is left out stands for never. Frozen. */
export interface TokenInfo {
  readonly id: string
  readonly description: string
  readonly owner: TokenOwner
  readonly permissions: readonly TokenPermission[]
  readonly createdAt: string
  readonly expiresAt?: string
  readonly revokedAt?: string
  /** To the hour. */
  readonly lastUsedAt?: string
  /** Why it counts for nothing now, though it is neither revoked nor expired: `owner not listed`. */
  readonly unusable?: string
}

/** The token of a subscription as a meta node writes it. Frozen. */
export interface SubscriptionInfo {
  readonly id: string
  readonly database: string
  readonly policy: string
  readonly name: string
  /** Which gateway made it. */
  readonly gateway?: string
  readonly createdAt: string
  readonly revokedAt?: string
  /** To the hour. */
  readonly lastUsedAt?: string
}

/** What was just made, with the token itself, which is not told again. */
export type Created<T> = T & { readonly accessToken: string }

/** @throws AuthError `ERR_META_INVALID` */
export function readTokenInfo(value: unknown): TokenInfo {
  const token = objectOf(value, 'token')
  const unusable = own(token, 'unusable')
  return Object.freeze({
    id: required(token, 'id'),
    description: textOf(own(token, 'description'), 'description'),
    owner: readOwner(own(token, 'owner')),
    permissions: Object.freeze(listOf(own(token, 'permissions'), 'permissions').map(readOne)),
    createdAt: readTime(token, 'createdAt') ?? missing('createdAt'),
    ...times(token, ['expiresAt', 'revokedAt', 'lastUsedAt']),
    ...(unusable !== undefined && { unusable: textOf(unusable, 'unusable') }),
  })
}

/** @throws AuthError `ERR_META_INVALID` */
export function readSubscriptionInfo(value: unknown): SubscriptionInfo {
  const record = objectOf(value, 'subscription')
  const gateway = own(record, 'gateway')
  return Object.freeze({
    id: required(record, 'id'),
    database: required(record, 'database'),
    policy: required(record, 'policy'),
    name: required(record, 'name'),
    ...(gateway !== undefined && { gateway: textOf(gateway, 'gateway') }),
    createdAt: readTime(record, 'createdAt') ?? missing('createdAt'),
    ...times(record, ['revokedAt', 'lastUsedAt']),
  })
}

/** What was made, with its secret. */
export function readCreated<T extends object>(
  read: (value: unknown) => T,
): (answer: Answer) => Created<T> {
  return (answer) => {
    const value = readJson(answer)
    const made = read(value)
    return Object.freeze({ ...made, accessToken: required(value as object, 'accessToken') })
  }
}

/** A list of them. */
export function readListOf<T>(read: (value: unknown) => T): (answer: Answer) => readonly T[] {
  return (answer) => {
    const list = readJson(answer)
    if (!Array.isArray(list)) throw invalidAnswer('the answer is not a list')
    return Object.freeze(list.map(read))
  }
}

function readOne(value: unknown): TokenPermission {
  const permission = objectOf(value, 'permission')
  return Object.freeze({
    action: textOf(own(permission, 'action'), 'action'),
    resource: textOf(own(permission, 'resource'), 'resource'),
  })
}

function times<F extends string>(
  object: JsonObject,
  fields: readonly F[],
): { readonly [K in F]?: string } {
  const found: { [K in F]?: string } = {}
  for (const field of fields) {
    const time = readTime(object, field)
    if (time !== undefined) found[field] = time
  }
  return found
}

function readTime(object: JsonObject, field: string): string | undefined {
  const value = own(object, field)
  if (value === undefined) return undefined
  const text = textOf(value, field)
  if (Number.isNaN(Date.parse(text))) throw invalidAnswer(`${field} is not a time`)
  return text
}

function required(object: JsonObject, field: string): string {
  return textOf(own(object, field), field) || missing(field)
}

function missing(field: string): never {
  throw invalidAnswer(`${field} is missing`)
}
