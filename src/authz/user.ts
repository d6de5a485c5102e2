import type { Privilege } from './privilege.js'
import type { Resource } from './resource.js'

/** Whose an own token is. */
export type TokenOwner =
  | { readonly kind: 'user'; readonly name: string }
  | {
      readonly kind: 'subject'
      readonly issuer: string
      readonly subject: string
      /** The roles that the subject held when the token was made. @default none */
      readonly roles?: readonly string[]
    }
  /** A node of the cluster: the cluster's own. */
  | { readonly kind: 'node' }

/** The group of a listed subject: `Admin` may do everything, `Auditor` may read everything, `Member` has own tokens. */
export type SubjectGroup = 'Admin' | 'Auditor' | 'Member'

/**
 * An authenticated caller with privileges. Frozen, and shared between requests.
 *
 * Only a user without `kind` is a local user, whose `name` may be looked up among the registry's users.
 */
export interface User {
  readonly name: string
  /** May do everything, whatever the privileges say. Only when authentication is switched off. */
  readonly admin: boolean
  readonly privileges: ReadonlyMap<Resource, Privilege>
  /** Holds every permission cluster-wide: an administrator, as InfluxDB calls it. @default false */
  readonly isAdministrator?: boolean

  /** An own token, a subscription token, or an identity provider's subject. @default a local user */
  readonly kind?: 'token' | 'subscription' | 'subject'
  /** What caches and directories call the account by. @default `name` */
  readonly account?: string

  /** Of a subject: who vouches for it, and its id there. */
  readonly issuer?: string
  readonly subject?: string
  /** Of a subject. */
  readonly group?: SubjectGroup
  /** Of a subject: the roles that its token names, as `group-roles` maps them. */
  readonly roles?: readonly string[]

  /** Of an own or subscription token: its id, which is not secret. */
  readonly tokenId?: string
  /** Of an own token. */
  readonly owner?: TokenOwner

  /** Of a subscription token: the one retention policy that it writes to. */
  readonly policy?: string
}

/** The user of every request while authentication is switched off: may do everything, has no name. */
export const ANYONE: User = Object.freeze({
  name: '',
  admin: true,
  privileges: new Map(),
  isAdministrator: true,
})
