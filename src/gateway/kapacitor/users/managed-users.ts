import type { Requester } from '../../../authn/passwords/hasher.js'
import type { ChangeReport } from '../../../registry/changes/change-report.js'
import type { Manager } from '../../../registry/changes/manager-limits.js'
import type { ManagedUser, NewUser, UserUpdate } from './kapacitor-user.js'
import type { ListWindow } from './list-parameters.js'

/** Who changes a user, and who hears of it. */
export interface ChangeBy {
  /** Undefined for those without limits. */
  readonly manager: Manager | undefined

  /** Who waits for a password to be hashed. */
  readonly requester: Requester

  /** Hears what became of each change, made or not. Must not throw. */
  readonly report: (report: ChangeReport) => void
}

/**
 * Where the users API keeps its users: the embedded meta node's registry, or a meta node over the wire. Changes reject with
 * `ERR_NOT_FOUND`, `ERR_CONFLICT`, `ERR_PRIVILEGE_MISSING`, `ERR_REQUEST_INVALID` with a message for the caller; others
 * (503) mean that it cannot be told.
 */
export interface ManagedUsers {
  /** Undefined if there is none of that name. */
  find(name: string): Promise<ManagedUser | undefined>

  /** Those of the window, in the order of their names. */
  list(window: ListWindow): Promise<readonly ManagedUser[]>

  create(user: NewUser, by: ChangeBy): Promise<void>

  /** Changes password and rights; a refusal comes before anything is changed. */
  update(name: string, update: UserUpdate, by: ChangeBy): Promise<void>

  /** There being no such user is not an error, as in Kapacitor; but it is reported as a refusal. */
  remove(name: string, by: ChangeBy): Promise<void>

  close(): void
}
