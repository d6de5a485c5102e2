import type { Permissions } from '../../authz/permission.js'
import { listOf, objectOf, onlyList, own, readObject, textOf } from '../wire/answer-json.js'
import type { Answer } from '../wire/meta-exchange.js'
import { invalidAnswer, unexpectedStatus } from '../wire/refusal.js'
import { type PermissionReport, readPermissions } from './permissions.js'

/** A named bundle of permissions with members, as a meta node keeps it. Frozen. */
export interface RoleDocument {
  readonly name: string
  readonly permissions: Permissions
  /** Names of the members. */
  readonly users: readonly string[]
}

/**
 * The answer to `GET /role`: all roles.
 *
 * @throws AuthError `ERR_META_INVALID` for everything else, two roles of one name included
 */
export function readRoles(answer: Answer, report: PermissionReport): readonly RoleDocument[] {
  if (answer.status !== 200) throw unexpectedStatus(answer.status)
  const roles = new Map<string, RoleDocument>()
  for (const item of onlyList(readObject(answer), 'roles')) {
    const role = objectOf(item, 'role')
    const name = textOf(own(role, 'name'), 'name')
    if (name === '') throw invalidAnswer('a role without a name')
    if (roles.has(name)) throw invalidAnswer('two roles of one name')
    const users = listOf(own(role, 'users'), 'users').map((user) => textOf(user, 'user'))
    const permissions = readPermissions(own(role, 'permissions'), report)
    roles.set(name, Object.freeze({ name, permissions, users: Object.freeze(users) }))
  }
  return Object.freeze([...roles.values()])
}
