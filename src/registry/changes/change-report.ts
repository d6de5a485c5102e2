import type { Permissions } from '../../authz/permission.js'
import { type AuthError, type AuthErrorCode, failureOf } from '../../errors.js'
import { grantsObject, NO_GRANTS } from '../grants.js'
import type { ChangeCheck, Registry } from '../registry.js'
import type { RegistryState } from '../registry-state.js'
import type { RegistryChange } from './change.js'

/** What became of a change, for the audit log and for metrics. Holds no secrets: no password and no hash. */
export interface ChangeReport {
  /** `unchanged`: what was asked for was so already. `refused`: 4xx. `failed`: 5xx. */
  readonly outcome: 'made' | 'unchanged' | 'refused' | 'failed'

  /** Why not: the refusal's code. */
  readonly code?: AuthErrorCode | undefined

  /** What was to be done: an action of the meta API, or `import`, `restore`. */
  readonly change: string

  readonly subject: 'user' | 'role' | 'registry' | 'token' | 'subscription'

  /** Of which user or role, or the id of which token. */
  readonly name?: string | undefined

  /** The users who came into a role, or left it. */
  readonly users?: readonly string[] | undefined

  readonly before?: ChangedState | object | undefined
  readonly after?: ChangedState | object | undefined
}

/** As much of a user, of a role or of a registry as changes. */
export interface ChangedState {
  /** Of a role that is renamed. */
  readonly name?: string
  /** What the user or the role itself is granted. */
  readonly permissions?: object
  /** How many there are in a registry. */
  readonly users?: number
  readonly roles?: number
  readonly tokens?: number
  readonly subscriptions?: number
}

/** A user or a role at one moment, as it is compared. */
interface Moment {
  readonly hash?: string
  readonly permissions: Permissions
  /** Of the users that the change names: those who are in the role. */
  readonly members: readonly string[]
}

/**
 * Makes a change by `make`, and reports what became of it; what `make` throws is thrown on.
 *
 * @param check may refuse it, on the state that it is made for
 * @param make is given the registry to make it in
 */
export async function reportChange(
  registry: Registry,
  change: RegistryChange,
  report: (report: ChangeReport) => void,
  check: (state: RegistryState) => Promise<AuthError | undefined>,
  make: (registry: Registry) => Promise<void>,
): Promise<void> {
  let [before, after]: [Moment?, Moment?] = []
  const watch: ChangeCheck = async (state) => {
    const refusal = await check(state)
    if (refusal) throw refusal
    const first = await momentOf(state, change, change.name)
    // The work may run again: what counts is its last turn
    return async (next) => {
      before = first
      after = await momentOf(next, change, nameAfter(change))
    }
  }
  const { subject, action, name } = change
  const head = { change: action, subject, name } as const
  try {
    const early = await registry.read(check) // before a password is hashed for it
    if (early) throw early
    await make(registry.checked(watch))
  } catch (error) {
    report({ ...head, ...failureOf(error) })
    throw error
  }
  for (const made of outcomes(change, before, after)) report({ ...head, ...made })
}

/** A user who is created with permissions is a creation and a grant: who looks for grants finds it. */
function outcomes(
  change: RegistryChange,
  before: Moment | undefined,
  after: Moment | undefined,
): readonly (Difference & { readonly change?: 'add-permissions' })[] {
  const isGranted =
    change.subject === 'user' && change.action === 'create' && change.permissions !== undefined
  if (!isGranted || !after) return [difference(change, before, after)]
  const created = { ...after, permissions: NO_GRANTS }
  return [
    difference(change, before, created),
    { change: 'add-permissions', ...difference(change, created, after) },
  ]
}

function nameAfter(change: RegistryChange): string {
  return change.action === 'change-name' ? change.newName : change.name
}

async function momentOf(
  state: RegistryState,
  change: RegistryChange,
  name: string,
): Promise<Moment | undefined> {
  if (change.subject === 'user') {
    const user = await state.user(name)
    return user && { hash: user.hash, permissions: user.permissions, members: [] }
  }
  const role = await state.role(name)
  if (!role) return undefined
  const members: string[] = []
  if (change.action === 'add-users' || change.action === 'remove-users') {
    for (const user of change.users) if (await role.has(user)) members.push(user)
  }
  return { permissions: role.permissions, members }
}

type Difference = Pick<ChangeReport, 'outcome' | 'users' | 'before' | 'after'>

function difference(
  change: RegistryChange,
  before: Moment | undefined,
  after: Moment | undefined,
): Difference {
  switch (change.action) {
    case 'change-name':
      return change.name === change.newName
        ? { outcome: 'unchanged' }
        : { outcome: 'made', before: { name: change.name }, after: { name: change.newName } }
    case 'change-password':
      return { outcome: before?.hash === after?.hash ? 'unchanged' : 'made' }
    case 'add-users':
    case 'remove-users': {
      const [was, is] = [new Set(before?.members), new Set(after?.members)]
      const users = change.users.filter((user) => was.has(user) !== is.has(user))
      return users.length === 0 ? { outcome: 'unchanged' } : { outcome: 'made', users }
    }
    default: {
      const [was, is] = [stateOf(before), stateOf(after)]
      return JSON.stringify(was) === JSON.stringify(is)
        ? { outcome: 'unchanged' }
        : { outcome: 'made', before: was, after: is }
    }
  }
}

function stateOf(moment: Moment | undefined): ChangedState | undefined {
  return moment && { permissions: grantsObject(moment.permissions) ?? {} }
}
