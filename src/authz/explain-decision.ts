import type { Action } from './action.js'
import { decidingResource, isAuthorized } from './authorize.js'
import type { Grant } from './grant.js'
import { derivePrivileges, holdsApi, type Permission, type Permissions } from './permission.js'
import { NONE, privilegeName } from './privilege.js'
import type { Resource } from './resource.js'
import type { User } from './user.js'

/** Why one action is allowed, or not. Plain data, to be printed. */
export interface Reason {
  readonly allowed: boolean

  /** The action: a privilege, as messages spell it (`read`), on a resource. */
  readonly privilege: string
  readonly resource: Resource

  /** The resource whose entry decides: the nearest one, going upwards; undefined if there is none, or none is needed. */
  readonly decidedBy: Resource | undefined

  /** What is held there, as messages spell it (`read|write`, `all`, `none`). */
  readonly held: string | undefined

  /** Which permissions put that entry there. */
  readonly sources: readonly Source[]
}

/** A permission that is granted, with what it gives. */
export interface Source {
  readonly permission: Permission

  /** The database it is granted on; `""` for all of them. */
  readonly database: string

  /** The role that it comes through; undefined if it is granted to the user directly. */
  readonly role: string | undefined

  /** What it gives on the resource that decides; `none` closes what a wider entry opens. */
  readonly gives: string
}

/** What is explained: a user, and what is granted to them and to their roles. An account fits. */
export interface Explained {
  readonly user: User
  readonly permissions: Permissions
  readonly grants?: readonly Grant[] | undefined
}

/** Whether the user may take the action, which `isAuthorized` decides, and why. */
export function explain(account: Explained, action: Action): Reason {
  const { user } = account
  const { resource, privilege } = action
  const decidedBy = user.admin || privilege === NONE ? undefined : decidingResource(user, action)
  return {
    allowed: isAuthorized(user, action),
    privilege: privilegeName(privilege),
    resource,
    decidedBy,
    held: decidedBy === undefined ? undefined : privilegeName(user.privileges.get(decidedBy) ?? 0),
    sources: decidedBy === undefined ? [] : sourcesOf(account, decidedBy),
  }
}

/** The permissions that an entry on `resource` was derived from. */
function sourcesOf({ permissions, grants }: Explained, resource: Resource): Source[] {
  const sources: Source[] = []
  const hasApi = holdsApi(permissions)
  for (const { role, permissions: granted } of grants ?? [{ role: undefined, permissions }]) {
    for (const [database, names] of granted) {
      for (const permission of names) {
        derivePrivileges(permission, database, hasApi, (on, gives) => {
          if (on !== resource) return
          sources.push({ permission, database, role, gives: privilegeName(gives) })
        })
      }
    }
  }
  return sources
}
