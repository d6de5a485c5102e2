import type { Permissions } from '../../../authz/permission.js'

/** A user as the door needs one. */
export interface StoredUser {
  readonly name: string
  /** What is granted to the user directly. */
  readonly own: Permissions
  /** The same with what the user's roles grant. */
  readonly held: Permissions
}

/** Permissions to be granted and revoked at the same time. */
export interface GrantChange {
  readonly add?: Permissions
  readonly remove?: Permissions
}

/**
 * Where statements about users are carried out: the embedded meta node's registry, or a meta node over the wire. Each
 * change is acknowledged, or rejected with an `AuthError`: `ERR_NOT_FOUND`, `ERR_CONFLICT`, `ERR_REQUEST_INVALID` with a
 * message for the caller; others (503) mean that it cannot be told.
 */
export interface UserAdministration {
  /** All users in the order of their creation, as far as it is known. */
  users(): Promise<readonly StoredUser[]>

  /** The user of that name; undefined if there is none. */
  user(name: string): Promise<StoredUser | undefined>

  /** Whether that is the user's password. */
  isPassword(name: string, password: string): Promise<boolean>

  /** Whether there is any user, and any administrator: for the first one. */
  census(): Promise<Census>

  /** Creates a user with these permissions. */
  createUser(name: string, password: string, permissions: Permissions): Promise<void>

  /**
   * Creates the first user of all.
   *
   * @returns whether it did: not if somebody else has been faster
   */
  createFirstUser(name: string, password: string, permissions: Permissions): Promise<boolean>

  deleteUser(name: string): Promise<void>
  setPassword(name: string, password: string): Promise<void>
  changePermissions(name: string, change: GrantChange): Promise<void>

  /** Takes all permissions on a database from everybody. */
  forgetDatabase(database: string): Promise<void>

  close(): void
}

export interface Census {
  readonly hasUsers: boolean
  readonly hasAdministrator: boolean
}
