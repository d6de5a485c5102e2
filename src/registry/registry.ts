import type { Permissions } from '../authz/permission.js'
import { removeDatabasePermissions } from './database-permissions.js'
import * as first from './first-user.js'
import { createRegistryState, type RegistryState } from './registry-state.js'
import * as roles from './role-changes.js'
import { newRoleId } from './role-record.js'
import type { Draft, Store } from './store/store.js'
import { createTokenRegistry, type TokenRegistry } from './tokens/token-registry.js'
import type { PermissionChange } from './user-changes.js'
import * as users from './user-changes.js'
import type { NamedUser, UserRecord } from './user-record.js'

/**
 * Runs inside each change of a registry: first on the state that it is made for, where it may refuse by throwing; what it
 * returns then, on the state that it leads to. Like the change itself it may run several times, and must have no effect
 * that cannot be repeated.
 */
export type ChangeCheck = (
  before: RegistryState,
) => Promise<((after: RegistryState) => Promise<void>) | undefined>

/**
 * Users, roles and tokens. Each change is whole or not at all, checked against the state that it is made for, and
 * safe to repeat. Passwords come as hashes, tokens as digests. They reject with `ERR_NOT_FOUND`, `ERR_CONFLICT`,
 * `ERR_REQUEST_INVALID` (a name that cannot be one), and as the store does.
 */
export interface Registry extends TokenRegistry {
  /** Reads one state, which is dead once `work` has ended. */
  read<T>(work: (state: RegistryState) => Promise<T> | T): Promise<T>

  /** How many changes there were. */
  index(): Promise<number>

  /** The user, with their own permissions; undefined if there is none. */
  getUser(name: string): Promise<NamedUser | undefined>

  /** The user, with their own permissions and those of their roles; undefined if there is none. */
  getAccount(name: string): Promise<NamedUser | undefined>

  createUser(name: string, hash: string, permissions?: Permissions): Promise<void>
  /** See `first-user.ts`. */
  claimFirstUser(claimant: string, instead?: string): Promise<string | undefined>
  releaseFirstUser(claimant: string): Promise<void>
  createFirstUser(
    claimant: string,
    name: string,
    hash: string,
    permissions: Permissions,
  ): Promise<boolean>
  /** See `user-changes.ts`. */
  resetAdmin(name: string, hash: string): Promise<UserRecord | undefined>
  deleteUser(name: string): Promise<void>
  changePassword(name: string, hash: string): Promise<void>
  changeUserPermissions(name: string, change: PermissionChange): Promise<void>
  addUserPermissions(name: string, permissions: Permissions): Promise<void>
  removeUserPermissions(name: string, permissions: Permissions): Promise<void>

  createRole(name: string): Promise<void>
  deleteRole(name: string): Promise<void>
  renameRole(name: string, newName: string): Promise<void>
  addRoleUsers(name: string, users: readonly string[]): Promise<void>
  removeRoleUsers(name: string, users: readonly string[]): Promise<void>
  addRolePermissions(name: string, permissions: Permissions): Promise<void>
  removeRolePermissions(name: string, permissions: Permissions): Promise<void>

  /** See `database-permissions.ts`. @returns how many users and roles had any */
  removeDatabasePermissions(database: string): Promise<number>

  /**
   * The same registry, with a check of each change that is made by what is returned, except for
   * `removeDatabasePermissions`, which takes several.
   */
  checked(check: ChangeCheck): Registry
}

/** @param now the time in milliseconds since 1970: when a token is made, and when it expires */
export function createRegistry(
  store: Store,
  check?: ChangeCheck,
  now: () => number = Date.now,
): Registry {
  const change = <T>(work: (draft: Draft) => Promise<T>): Promise<T> =>
    store.change(async (draft) => {
      const observe = await check?.(createRegistryState(draft))
      const result = await work(draft)
      await observe?.(createRegistryState(draft))
      return result
    })
  const read: Registry['read'] = (work) =>
    store.read((snapshot) => work(createRegistryState(snapshot)))

  return {
    read,
    index: () => read(({ index }) => index),
    getUser: (name) => read((state) => state.user(name)),
    getAccount: (name) => read((state) => state.account(name)),

    createUser: (name, hash, permissions) =>
      change((draft) => users.createUser(draft, name, hash, permissions)),
    claimFirstUser: (claimant, instead) =>
      change((draft) => first.claimFirstUser(draft, claimant, instead)),
    releaseFirstUser: (claimant) => change((draft) => first.releaseFirstUser(draft, claimant)),
    createFirstUser: (claimant, ...user) =>
      change((draft) => first.createFirstUser(draft, claimant, ...user)),
    resetAdmin: (name, hash) => change((draft) => users.resetAdmin(draft, name, hash)),
    deleteUser: (name) => change((draft) => users.deleteUser(draft, name, now())),
    changePassword: (name, hash) => change((draft) => users.changePassword(draft, name, hash)),
    changeUserPermissions: (name, wanted) =>
      change((draft) => users.changeUserPermissions(draft, name, wanted)),
    addUserPermissions: (name, add) =>
      change((draft) => users.changeUserPermissions(draft, name, { add })),
    removeUserPermissions: (name, remove) =>
      change((draft) => users.changeUserPermissions(draft, name, { remove })),

    createRole(name) {
      const id = newRoleId()
      return change((draft) => roles.createRole(draft, name, id))
    },
    deleteRole: (name) => change((draft) => roles.deleteRole(draft, name)),
    renameRole: (name, newName) => change((draft) => roles.renameRole(draft, name, newName)),
    addRoleUsers: (name, members) => change((draft) => roles.addRoleUsers(draft, name, members)),
    removeRoleUsers: (name, members) =>
      change((draft) => roles.removeRoleUsers(draft, name, members)),
    addRolePermissions: (name, permissions) =>
      change((draft) => roles.addRolePermissions(draft, name, permissions)),
    removeRolePermissions: (name, permissions) =>
      change((draft) => roles.removeRolePermissions(draft, name, permissions)),

    removeDatabasePermissions: (database) => removeDatabasePermissions(store, database),

    ...createTokenRegistry(read, change, now),

    checked: (next) => createRegistry(store, next, now),
  }
}
