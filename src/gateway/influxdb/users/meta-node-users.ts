import type { PasswordHasher } from '../../../authn/passwords/hasher.js'
import { isAdmin, joinPermissions, type Permissions } from '../../../authz/permission.js'
import { AuthError } from '../../../errors.js'
import type { RoleDocument, UserDocument } from '../../../meta-client/client.js'
import type { MetaEditor } from '../../../meta-client/editor.js'
import type { StoredUser, UserAdministration } from './user-administration.js'

/**
 * The users of meta nodes over the wire, InfluxDB Enterprise's or ours. What takes one change in the registry may take
 * two there, so that others may see the user in between; rights are taken away before others are given. Our meta nodes
 * create a user with all their rights in one.
 *
 * @param hasher compares passwords with the hashes that the meta node tells
 */
export function createMetaNodeUsers(
  editor: MetaEditor,
  hasher: PasswordHasher,
): UserAdministration {
  async function users(): Promise<readonly StoredUser[]> {
    const [documents, roles] = await Promise.all([editor.users(), editor.roles()])
    return documents.map((document) => stored(document, roles))
  }

  /** @throws AuthError `ERR_CONFLICT` if `name` is the only administrator */
  async function keepAnAdmin(name: string): Promise<void> {
    const admins = (await users()).filter(({ held }) => isAdmin(held))
    if (admins.length === 1 && admins[0]?.name === name) {
      throw new AuthError('ERR_CONFLICT', 'the last administrator must stay one')
    }
  }

  async function createUser(
    name: string,
    password: string,
    permissions: Permissions,
  ): Promise<void> {
    if (await editor.user(name)) throw new AuthError('ERR_CONFLICT', 'user already exists')
    if (await editor.createUser(name, password, permissions)) return
    await editor.addPermissions('user', name, permissions)
  }

  return {
    users,
    async user(name) {
      const [document, roles] = await Promise.all([editor.user(name), editor.roles()])
      return document && stored(document, roles)
    },
    async isPassword(name, password) {
      const user = await editor.user(name)
      return user !== undefined && user.hash !== '' && hasher.compare(password, user.hash)
    },
    async census() {
      const all = await users()
      return { hasUsers: all.length > 0, hasAdministrator: all.some(({ held }) => isAdmin(held)) }
    },
    createUser,
    async createFirstUser(name, password, permissions) {
      if ((await editor.users()).length > 0) return false
      await createUser(name, password, permissions)
      return true
    },
    async deleteUser(name) {
      await keepAnAdmin(name)
      await editor.remove('user', name)
    },
    setPassword: (name, password) => editor.changePassword(name, password),
    async changePermissions(name, { add, remove }) {
      if (remove && isAdmin(remove)) await keepAnAdmin(name)
      if (remove && remove.size > 0) await editor.removePermissions('user', name, remove)
      if (add && add.size > 0) await editor.addPermissions('user', name, add)
    },
    async forgetDatabase(database) {
      const [documents, roles] = await Promise.all([editor.users(), editor.roles()])
      for (const { name, permissions } of documents) {
        const granted = permissions.get(database)
        if (granted) await editor.removePermissions('user', name, new Map([[database, granted]]))
      }
      for (const { name, permissions } of roles) {
        const granted = permissions.get(database)
        if (granted) await editor.removePermissions('role', name, new Map([[database, granted]]))
      }
    },
    close: () => editor.close(),
  }
}

function stored(document: UserDocument, roles: readonly RoleDocument[]): StoredUser {
  const { name, permissions } = document
  const granted = roles.filter(({ users }) => users.includes(name))
  const held = joinPermissions([permissions, ...granted.map((role) => role.permissions)])
  return { name, own: permissions, held }
}
