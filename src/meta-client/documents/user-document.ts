import type { Permissions } from '../../authz/permission.js'
import {
  errorText,
  type JsonObject,
  objectOf,
  onlyList,
  own,
  readObject,
  textOf,
} from '../wire/answer-json.js'
import type { Answer } from '../wire/meta-exchange.js'
import { invalidAnswer, unexpectedStatus } from '../wire/refusal.js'
import { type PermissionReport, readPermissions } from './permissions.js'

/** A user as a meta node keeps it, roles not counted. Frozen. */
export interface UserDocument {
  readonly name: string
  /** The password's hash; `""` if the meta node keeps none (LDAP). */
  readonly hash: string
  readonly permissions: Permissions
}

/**
 * The answer to `GET /user?name=`: the user, or undefined if there is none, which is a 404 saying just that
 * or an empty list.
 *
 * @throws AuthError `ERR_META_INVALID` for everything else, a user of another name and a second one included
 */
export function readUser(
  answer: Answer,
  name: string,
  report: PermissionReport,
): UserDocument | undefined {
  if (answer.status === 404 && errorText(readObject(answer)) === 'user not found') return undefined
  if (answer.status !== 200) throw unexpectedStatus(answer.status)
  const [only, ...others] = onlyList(readObject(answer), 'users')
  if (others.length > 0) throw invalidAnswer('more than one user')
  if (only === undefined) return undefined
  const user = objectOf(only, 'user')
  if (own(user, 'name') !== name) throw invalidAnswer('a user of another name')
  return userOf(name, user, report)
}

/** The document of a user of that name. @throws AuthError `ERR_META_INVALID` if the shape is another */
export function userOf(name: string, user: JsonObject, report: PermissionReport): UserDocument {
  return Object.freeze({
    name,
    hash: textOf(own(user, 'hash') ?? '', 'hash'),
    permissions: readPermissions(own(user, 'permissions'), report),
  })
}
