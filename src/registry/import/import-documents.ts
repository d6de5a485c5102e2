import type { Permissions } from '../../authz/permission.js'
import { AuthError } from '../../errors.js'
import { shown } from '../../text/printable.js'
import { mistake, readPermissions, readText, readUsers } from '../fields.js'
import { NO_GRANTS } from '../grants.js'
import { nameFault } from '../name.js'
import { type Json, type JsonObject, readJson } from '../read-json.js'
import type { NamedUser } from '../user-record.js'

/** A user as it is exported. */
export type ExportedUser = Omit<NamedUser, 'created'>

/** A role as it is exported. */
export interface ExportedRole {
  readonly name: string
  readonly permissions: Permissions
  readonly users: readonly string[]
}

/** What a meta node answers to `GET /user`. @throws AuthError `ERR_REQUEST_INVALID` that names user and mistake */
export function parseExportedUsers(text: string): readonly ExportedUser[] {
  return parseList(text, 'user', (user, name) => {
    const hash = isGiven(user, 'hash') ? readText(user, 'hash') : ''
    return { name, hash, permissions: permissionsOf(user) }
  })
}

/** What a meta node answers to `GET /role`. @throws AuthError `ERR_REQUEST_INVALID` that names role and mistake */
export function parseExportedRoles(text: string): readonly ExportedRole[] {
  return parseList(text, 'role', (role, name) => {
    const users = isGiven(role, 'users') ? readUsers(role) : []
    return { name, permissions: permissionsOf(role), users }
  })
}

/** The objects of `{"users":[…]}` or `{"roles":[…]}`; `{}` has none. What else is in them is left alone. */
function parseList<T>(
  text: string,
  what: 'user' | 'role',
  read: (object: JsonObject, name: string) => T,
): readonly T[] {
  const body = readJson(text)
  const list = body instanceof Map ? body.get(`${what}s`) : undefined
  const isNone = list === null || (body instanceof Map && body.size === 0)
  if (!isNone && !Array.isArray(list)) {
    throw mistake(`{"${what}s":[…]} is expected, as GET /${what} answers`)
  }
  const seen = new Set<string>()
  return ((list ?? []) as readonly Json[]).map((item) => {
    if (!(item instanceof Map)) throw mistake(`a ${what} is not an object`)
    const object: JsonObject = item
    const name = readText(object, 'name')
    const fault = nameFault(name)
    if (fault) throw mistake(`the name of a ${what} ${fault}`)
    if (seen.has(name)) throw mistake(`${what} ${shown(name)} is there twice`)
    seen.add(name)
    try {
      return read(object, name)
    } catch (error) {
      throw error instanceof AuthError ? mistake(`${what} ${shown(name)}: ${error.message}`) : error
    }
  })
}

function permissionsOf(object: JsonObject): Permissions {
  return isGiven(object, 'permissions') ? readPermissions(object) : NO_GRANTS
}

/** Go leaves out what is empty, or writes null. */
function isGiven(object: JsonObject, field: string): boolean {
  return (object.get(field) ?? null) !== null
}
