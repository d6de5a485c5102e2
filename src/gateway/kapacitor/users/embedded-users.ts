import type { PasswordHasher } from '../../../authn/passwords/hasher.js'
import type { HashCost } from '../../../authn/passwords/password-hash.js'
import { applyChange } from '../../../registry/changes/apply-change.js'
import type { UserChange } from '../../../registry/changes/change.js'
import { reportChange } from '../../../registry/changes/change-report.js'
import { beyondHeld, beyondManager } from '../../../registry/changes/manager-limits.js'
import { NO_GRANTS } from '../../../registry/grants.js'
import { heldPermissions } from '../../../registry/held-permissions.js'
import { createRegistry } from '../../../registry/registry.js'
import { createRegistryState } from '../../../registry/registry-state.js'
import type { Snapshot, Store } from '../../../registry/store/store.js'
import type { NamedUser } from '../../../registry/user-record.js'
import type { ManagedUser } from './kapacitor-user.js'
import type { ChangeBy, ManagedUsers } from './managed-users.js'
import { newGrants } from './plan-update.js'
import { alreadyExists, ignoreUnknownUser, plannedChanges } from './planned-changes.js'
import {
  revokeSubscription,
  subscriptionId,
  subscriptionUser,
  subscriptionUsers,
} from './subscription-users.js'

/** The users of the embedded meta node: its registry in this process, no wire in between. */
export function createEmbeddedUsers(
  store: Store,
  hasher: PasswordHasher,
  cost: HashCost,
): ManagedUsers {
  const registry = createRegistry(store)

  const find = (name: string) =>
    store.read(async (snapshot) => {
      const state = createRegistryState(snapshot)
      const user = await state.user(name)
      if (user) return managed(snapshot, user)
      const id = subscriptionId(name)
      return id === undefined ? undefined : subscriptionUser(await state.subscriptionToken(id))
    })

  function make(change: UserChange, { manager, requester, report }: ChangeBy): Promise<void> {
    return reportChange(
      registry,
      change,
      report,
      async (state) => manager && beyondManager(state, change, manager),
      (checked) => applyChange(checked, change, { hasher, cost, requester }),
    )
  }

  return {
    find,

    async list({ isWanted, offset, limit }) {
      if (limit === 0) return []
      const tokens = subscriptionUsers(await registry.listSubscriptionTokens())
      return store.read(async (snapshot) => {
        const users: ManagedUser[] = []
        let left = offset
        for await (const one of byName(createRegistryState(snapshot).users(), tokens)) {
          if (!isWanted(one.name) || left-- > 0) continue
          users.push('hash' in one ? await managed(snapshot, one) : one)
          if (users.length === limit) break
        }
        return users
      })
    },

    create(user, { manager, requester, report }) {
      const { name, password } = user
      const permissions = newGrants(user)
      return reportChange(
        registry,
        { subject: 'user', action: 'create', name, password },
        report,
        async (state) =>
          (await state.user(name)) ? alreadyExists() : manager && beyondHeld(permissions, manager),
        async (checked) => {
          const hash = await hasher.hash(password, cost, requester)
          await checked.createUser(name, hash, permissions)
        },
      )
    },

    async update(name, update, by) {
      const changes = await plannedChanges(await find(name), name, update, by, (...change) =>
        registry.read((state) => beyondManager(state, ...change)),
      )
      for (const change of changes) await make(change, by)
    },

    async remove(name, by) {
      const id = (await find(name))?.isSubscription ? subscriptionId(name) : undefined
      await (id === undefined
        ? make({ subject: 'user', action: 'delete', name }, by).catch(ignoreUnknownUser)
        : revokeSubscription(id, by, registry.revokeSubscriptionToken))
    },

    close() {},
  }
}

async function managed(
  snapshot: Snapshot,
  { name, permissions: own }: NamedUser,
): Promise<ManagedUser> {
  return { name, own, byRoles: await heldPermissions(snapshot, { name, permissions: NO_GRANTS }) }
}

/** Both in the order of names. */
async function* byName(
  users: AsyncIterable<NamedUser>,
  others: readonly ManagedUser[],
): AsyncGenerator<NamedUser | ManagedUser> {
  let next = 0
  for await (const user of users) {
    for (; next < others.length; next++) {
      const other = others[next] as ManagedUser
      if (other.name > user.name) break
      yield other
    }
    yield user
  }
  yield* others.slice(next)
}
