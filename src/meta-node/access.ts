import { hasPermission, isAdmin, type Permissions } from '../authz/permission.js'
import { callerText } from '../authz/shown-name.js'
import type { User } from '../authz/user.js'
import { AuthError } from '../errors.js'

/** Who calls the meta node: another node of the cluster, or a user with all that they and their roles hold. */
export type Caller =
  | { readonly kind: 'node' }
  | {
      readonly kind: 'user'
      readonly name: string
      readonly permissions: Permissions
      /** Who it is: a local user, a token, an identity provider's subject. */
      readonly user?: User | undefined
      /** How the user became known. @default 'verified' */
      readonly via?: 'remembered' | 'verified'
    }

/** Reading users and roles is also for auditors, who do not see hashes. */
export function mayReadUsers(caller: Caller): AuthError | undefined {
  return isAuditor(caller) ? undefined : mayRead(caller)
}

/** Whether it is an auditor, and not an administrator. */
export function isAuditor(caller: Caller): boolean {
  return caller.kind === 'user' && caller.user?.group === 'Auditor' && !isAdmin(caller.permissions)
}

/** Reading users (with their hashes) and roles, and whether a password is right, is for nodes and administrators. */
export function mayRead(caller: Caller): AuthError | undefined {
  if (caller.kind === 'node' || isAdmin(caller.permissions)) return undefined
  return refuse(caller, 'is not an administrator, who holds all permissions')
}

/** Changing users and roles takes `CreateUserAndRole`; see `beyondManager` for what that does not cover. */
export function mayChange(caller: Caller): AuthError | undefined {
  if (caller.kind === 'node' || hasPermission(caller.permissions, 'CreateUserAndRole')) {
    return undefined
  }
  return changeRefusal(caller, 'does not have the permission CreateUserAndRole')
}

/** Local users may change their own password; another user's takes `CreateUserAndRole`. */
export function mayChangePassword(caller: Caller, of: string): AuthError | undefined {
  const isOwn = caller.kind === 'user' && isLocal(caller) && caller.name === of
  return isOwn ? undefined : mayChange(caller)
}

/** Only they are named in the registry. */
const isLocal = ({ user }: Extract<Caller, { kind: 'user' }>) => user?.kind === undefined

/** Why a change is refused: auditors are told what they are, whatever they tried. */
export function changeRefusal(caller: Caller, why: string): AuthError {
  return refuse(
    caller,
    isAuditor(caller) ? 'is an auditor, who may read everything and change nothing' : why,
  )
}

/** @param why the end of a sentence */
export function refuse(caller: Caller, why: string): AuthError {
  return new AuthError('ERR_PRIVILEGE_MISSING', `${textOf(caller)} ${why}`)
}

/** The caller for messages: `user ann`, `token _token:<id>`, `a node`. */
function textOf(caller: Caller): string {
  if (caller.kind === 'node') return 'a node'
  const { name, user } = caller
  return callerText({ name, kind: user?.kind })
}
