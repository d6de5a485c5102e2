import { CLUSTER, type Permission, type Permissions } from '../authz/permission.js'
import { AuthError } from '../errors.js'
import { shown } from '../text/printable.js'
import { CANDIDATE_ROLES, CANDIDATE_USERS } from './admin-candidate.js'
import { EVERY_PERMISSION, withGrants } from './grants.js'
import { createPauses } from './pause-now-and-then.js'
import { createRegistryState, type RegistryState } from './registry-state.js'
import { readGrants, writeGrants } from './role-record.js'
import type { Store } from './store/store.js'
import { readUser, writeUser } from './user-record.js'

/**
 * All permissions that there were when layout 1 was written, which kept an administrator as the list of them. Never to
 * be changed: who holds all of these there is an administrator, however many more there are by now.
 */
const EVERY_OF_LAYOUT_1 = (
  'ViewAdmin ViewChronograf CreateDatabase CreateUserAndRole AddRemoveNode DropDatabase DropData ReadData WriteData ' +
  'Rebalance ManageShard ManageContinuousQuery ManageQuery ManageSubscription Monitor CopyShard KapacitorAPI ' +
  'KapacitorConfigAPI'
).split(' ') as Permission[]

/** What permissions of layout 1 mean today: who held all of them holds all. */
export function fromLayout1(permissions: Permissions): Permissions {
  const cluster = permissions.get(CLUSTER)
  if (!EVERY_OF_LAYOUT_1.every((name) => cluster?.has(name))) return permissions
  return withGrants(permissions, new Map([[CLUSTER, new Set(EVERY_PERMISSION)]]))
}

/**
 * Rewrites the administrators of a registry of layout 1, so that they are kept as holding all permissions and not as
 * holding those of that version. Can be repeated. Layout 1 could not be checked for damage, so that is done here.
 *
 * @throws AuthError `ERR_STORE_UNAVAILABLE` if the registry is damaged
 */
export async function upgradeFromLayout1(store: Store): Promise<void> {
  const [users, roles] = await store.read(async (snapshot) => {
    await requireMembersAreUsers(createRegistryState(snapshot))
    const last = async (prefix: readonly string[]) => {
      const names: string[] = []
      for await (const { key } of snapshot.range(prefix)) names.push(key[2] as string)
      return names
    }
    return Promise.all([last(CANDIDATE_USERS), last(CANDIDATE_ROLES)])
  })
  for (const name of users) {
    await store.change(async (draft) => {
      const user = await readUser(draft, name)
      if (!user) throw damaged(`the administrator ${shown(name)} is not among the users`)
      const permissions = fromLayout1(user.permissions)
      if (isRewritten(permissions)) writeUser(draft, name, user, { ...user, permissions })
    })
  }
  for (const id of roles) {
    await store.change(async (draft) => {
      const before = await readGrants(draft, id)
      if (!before) throw damaged("an administrators' role is missing")
      const permissions = fromLayout1(before)
      if (isRewritten(permissions)) writeGrants(draft, id, before, permissions)
    })
  }
}

function isRewritten(permissions: Permissions): boolean {
  return EVERY_PERMISSION.every((name) => permissions.get(CLUSTER)?.has(name))
}

/** @throws AuthError `ERR_STORE_UNAVAILABLE` that names a role and its first member who is not a user */
export async function requireMembersAreUsers(state: RegistryState): Promise<void> {
  const turn = createPauses()
  for await (const { name, users } of state.roles()) {
    for await (const user of users()) {
      if (!(await state.user(user))) {
        throw damaged(`role ${shown(name)} has the member ${shown(user)}, who is not a user`)
      }
      await turn()
    }
  }
}

function damaged(what: string): AuthError {
  const message = `the registry is damaged: ${what}: restore it from a backup`
  return new AuthError('ERR_STORE_UNAVAILABLE', message)
}
