import { isAdmin, joinPermissions, type Permission, type Permissions } from '../../src/authz/permission.js'

type Grants = Map<string, Set<Permission>>

/** What the registry must do, in as few words as possible and at any cost. */
export class Model {
  users = new Map<string, { hash: string; grants: Grants }>()
  roles = new Map<string, { grants: Grants; users: Set<string> }>()

  createUser(name: string, hash: string) {
    if (this.users.has(name)) return 'ERR_CONFLICT'
    this.users.set(name, { hash, grants: new Map() })
  }

  deleteUser(name: string) {
    if (!this.users.has(name)) return 'ERR_NOT_FOUND'
    return this.#unlessLastAdmin(() => {
      this.users.delete(name)
      for (const { users } of this.roles.values()) users.delete(name)
    })
  }

  changePassword(name: string, hash: string) {
    const user = this.users.get(name)
    if (!user) return 'ERR_NOT_FOUND'
    user.hash = hash
  }

  addUserPermissions(name: string, permissions: Permissions) {
    return this.#grant(this.users.get(name), permissions)
  }

  removeUserPermissions(name: string, permissions: Permissions) {
    return this.#revoke(() => this.users.get(name), permissions)
  }

  createRole(name: string) {
    if (this.roles.has(name)) return 'ERR_CONFLICT'
    this.roles.set(name, { grants: new Map(), users: new Set() })
  }

  deleteRole(name: string) {
    if (!this.roles.has(name)) return 'ERR_NOT_FOUND'
    return this.#unlessLastAdmin(() => this.roles.delete(name))
  }

  renameRole(name: string, newName: string) {
    const role = this.roles.get(name)
    if (!role) return 'ERR_NOT_FOUND'
    if (name === newName) return
    if (this.roles.has(newName)) return 'ERR_CONFLICT'
    this.roles.delete(name)
    this.roles.set(newName, role)
  }

  addRoleUsers(name: string, users: readonly string[]) {
    const role = this.roles.get(name)
    if (!role || users.some((user) => !this.users.has(user))) return 'ERR_NOT_FOUND'
    for (const user of users) role.users.add(user)
  }

  removeRoleUsers(name: string, users: readonly string[]) {
    if (!this.roles.has(name)) return 'ERR_NOT_FOUND'
    return this.#unlessLastAdmin(() => {
      for (const user of users) this.roles.get(name)?.users.delete(user)
    })
  }

  addRolePermissions(name: string, permissions: Permissions) {
    return this.#grant(this.roles.get(name), permissions)
  }

  removeRolePermissions(name: string, permissions: Permissions) {
    return this.#revoke(() => this.roles.get(name), permissions)
  }

  held(name: string): Permissions {
    const roles = [...this.roles.values()].filter(({ users }) => users.has(name))
    return joinPermissions([this.users.get(name)?.grants ?? new Map(), ...roles.map(({ grants }) => grants)])
  }

  hasAdmin(): boolean {
    return [...this.users.keys()].some((name) => isAdmin(this.held(name)))
  }

  /** All of it, in an order that does not matter. */
  all() {
    const shown = (grants: Permissions) =>
      [...grants].filter(([, names]) => names.size > 0).map(([scope, names]) => [scope, [...names].sort()]).sort()
    return {
      users: [...this.users].map(([name, { hash, grants }]) => [name, hash, shown(grants), shown(this.held(name))]).sort(),
      roles: [...this.roles].map(([name, { grants, users }]) => [name, shown(grants), [...users].sort()]).sort(),
    }
  }

  #grant(holder: { grants: Grants } | undefined, permissions: Permissions) {
    if (!holder) return 'ERR_NOT_FOUND'
    for (const [scope, names] of permissions) {
      holder.grants.set(scope, new Set([...(holder.grants.get(scope) ?? []), ...names]))
    }
  }

  #revoke(holder: () => { grants: Grants } | undefined, permissions: Permissions) {
    if (!holder()) return 'ERR_NOT_FOUND'
    return this.#unlessLastAdmin(() => {
      for (const [scope, names] of permissions) {
        for (const name of names) holder()?.grants.get(scope)?.delete(name)
      }
    })
  }

  #unlessLastAdmin(change: () => void) {
    const { users, roles } = structuredClone({ users: this.users, roles: this.roles })
    const had = this.hasAdmin()
    change()
    if (!had || this.hasAdmin()) return
    Object.assign(this, { users, roles })
    return 'ERR_CONFLICT'
  }
}
