import { joinPermissions } from '../authz/permission.js'
import type { MetaClient, RoleDocument } from '../meta-client/client.js'
import { type Clock, type Milliseconds, monotonic } from '../time.js'
import { createAccount } from './account.js'
import type { Directory } from './directory.js'

export interface MetaDirectoryOptions {
  /** For how long one answer about the roles serves the accounts that are looked up. @default 1_000 */
  rolesInterval?: Milliseconds

  /** @default the process's monotonic clock */
  now?: Clock
}

/**
 * Accounts as a meta node knows them: the user's document joined with the roles that name the user as member.
 * A meta node tells no changes: there is no `watch`.
 *
 * @throws TypeError for an option out of range
 */
export function createMetaDirectory(
  client: MetaClient,
  options: MetaDirectoryOptions = {},
): Directory {
  const { rolesInterval = 1_000, now = monotonic } = options
  if (!(rolesInterval >= 0)) throw new TypeError('rolesInterval must not be negative')
  let roles: Promise<ReadonlyMap<string, readonly RoleDocument[]>> | undefined
  let asked = Number.NEGATIVE_INFINITY

  /** The roles by member. One question in an interval, and its answer is not kept if it failed. */
  function rolesByMember(): Promise<ReadonlyMap<string, readonly RoleDocument[]>> {
    if (roles && now() - asked < rolesInterval) return roles
    asked = now()
    const answer = client.roles().then(groupByMember)
    roles = answer
    answer.catch(() => {
      if (roles === answer) roles = undefined
    })
    return answer
  }

  return {
    async find(name) {
      const [document, members] = await Promise.all([client.user(name), rolesByMember()])
      if (!document) return undefined
      const granted = (members.get(name) ?? []).map((role) => role.permissions)
      const permissions = joinPermissions([document.permissions, ...granted])
      return createAccount(name, document.hash, permissions)
    },
    checkPassword: (name, password) => client.authorized(name, password),
  }
}

function groupByMember(
  roles: readonly RoleDocument[],
): ReadonlyMap<string, readonly RoleDocument[]> {
  const byMember = new Map<string, RoleDocument[]>()
  for (const role of roles) {
    for (const user of role.users) {
      const list = byMember.get(user)
      if (list) list.push(role)
      else byMember.set(user, [role])
    }
  }
  return byMember
}
