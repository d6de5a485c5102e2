import { AuthError, failureOf } from '../../../errors.js'
import type { UserChange } from '../../../registry/changes/change.js'
import type { Manager } from '../../../registry/changes/manager-limits.js'
import { NO_GRANTS } from '../../../registry/grants.js'
import type { ManagedUser, UserUpdate } from './kapacitor-user.js'
import type { ChangeBy } from './managed-users.js'
import { planUpdate } from './plan-update.js'

/**
 * The changes that an update comes to, each of them checked before any is made. A refusal is reported, and thrown.
 *
 * @param user undefined if there is none of that name
 * @param check why a manager may not make a change; undefined if they may
 */
export async function plannedChanges(
  user: ManagedUser | undefined,
  name: string,
  update: UserUpdate,
  { manager, report }: ChangeBy,
  check: (change: UserChange, manager: Manager) => Promise<AuthError | undefined>,
): Promise<readonly UserChange[]> {
  const refuse = (change: UserChange['action'], refusal: AuthError): never => {
    report({ change, subject: 'user', name, ...failureOf(refusal) })
    throw refusal
  }
  const first = update.password === undefined ? 'add-permissions' : 'change-password'
  if (!user) return refuse(first, unknownUser())
  const changes = planUpdate(user, update)
  if (changes instanceof AuthError) return refuse('remove-permissions', changes)
  // An update that changes nothing of an administrator is refused, too
  const none: UserChange = {
    subject: 'user',
    action: 'add-permissions',
    name,
    permissions: NO_GRANTS,
  }
  for (const change of manager ? [...changes, none] : []) {
    const refusal = await check(change, manager as Manager)
    if (refusal) refuse(change.action, refusal)
  }
  return changes
}

/** Kapacitor's words. */
export const unknownUser = () => new AuthError('ERR_NOT_FOUND', 'no user exists')

export const alreadyExists = () =>
  new AuthError('ERR_CONFLICT', 'failed to create user: user already exists')

/** For `catch`, where it does not matter that a user is gone already. */
export function ignoreUnknownUser(error: unknown): void {
  if (!(error instanceof AuthError) || error.code !== 'ERR_NOT_FOUND') throw error
}
