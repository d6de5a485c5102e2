import type { Permissions } from './permission.js'

/** What a user is granted by one source. */
export interface Grant {
  /** The role's name; undefined for what is granted to the user directly. */
  readonly role: string | undefined
  readonly permissions: Permissions
}
