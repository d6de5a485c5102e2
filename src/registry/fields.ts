import { MAX_PASSWORD_BYTES } from '../authn/passwords/password.js'
import {
  CLUSTER,
  PERMISSIONS,
  type Permission,
  type Permissions,
  parsePermission,
} from '../authz/permission.js'
import { AuthError } from '../errors.js'
import { suggestion } from '../text/nearest.js'
import { isOwnToken, TOKEN_AS_PASSWORD } from '../text/own-token-form.js'
import { shown } from '../text/printable.js'
import { nameFault } from './name.js'
import type { Json, JsonObject } from './read-json.js'

/** A 400 with that message. */
export function mistake(message: string): AuthError {
  return new AuthError('ERR_REQUEST_INVALID', message)
}

/** The name under `field`. */
export function readName(object: JsonObject, field: string): string {
  const name = readText(object, field)
  const fault = nameFault(name)
  if (fault) throw mistake(`"${field}" ${fault}`)
  return name
}

/**
 * The password under `password`: 1 to 72 bytes without NUL, of at least `minLength` characters (Unicode code points). It is
 * in none of the messages.
 */
export function readPassword(object: JsonObject, minLength: number): string {
  const password = readText(object, 'password')
  const bytes = Buffer.byteLength(password)
  if (password === '') throw mistake('the password is empty')
  if (!password.isWellFormed()) throw mistake('the password holds half a surrogate pair')
  if (password.includes('\0')) throw mistake('the password holds a NUL')
  if (bytes > MAX_PASSWORD_BYTES) {
    throw mistake(`the password is ${bytes} bytes long, ${MAX_PASSWORD_BYTES} are allowed`)
  }
  const characters = [...password].length
  if (characters < minLength) {
    throw mistake(`the password is ${characters} characters long, at least ${minLength} are needed`)
  }
  if (isOwnToken(password)) throw mistake(`the password ${TOKEN_AS_PASSWORD}`)
  return password
}

/** The names of users under `users`, each once. */
export function readUsers(object: JsonObject): readonly string[] {
  const users = readField(object, 'users')
  if (!Array.isArray(users)) throw mistake('"users" must be a list of names')
  for (const user of users as readonly Json[]) {
    if (typeof user !== 'string') throw mistake('"users" must be a list of names')
    const fault = nameFault(user)
    if (fault) throw mistake(`a name in "users" ${fault}`)
  }
  return [...new Set(users as readonly string[])]
}

/** The permissions under `permissions`: lists of names by database, `""` for all. */
export function readPermissions(object: JsonObject): Permissions {
  const scopes = readField(object, 'permissions')
  if (!(scopes instanceof Map)) {
    throw mistake('"permissions" must be an object like {"":["KapacitorAPI"]}')
  }
  const permissions = new Map<string, ReadonlySet<Permission>>()
  for (const [scope, names] of scopes as JsonObject) {
    const fault = scope === CLUSTER ? undefined : nameFault(scope)
    if (fault) throw mistake(`a database's name in "permissions" ${fault}`)
    permissions.set(scope, readPermissionNames(scope, names))
  }
  return permissions
}

/** Null is an empty list: so Go, and so Chronograf, writes one. */
function readPermissionNames(scope: string, names: Json): ReadonlySet<Permission> {
  const where = `"permissions" of ${shown(scope)}`
  if (names !== null && !Array.isArray(names)) throw mistake(`${where} must be a list of names`)
  const permissions = new Set<Permission>()
  for (const name of (names ?? []) as readonly Json[]) {
    if (typeof name !== 'string') throw mistake(`${where} must be a list of names`)
    permissions.add(readPermission(name))
  }
  return permissions
}

/** @throws AuthError `ERR_REQUEST_INVALID` that names what was probably meant */
export function readPermission(name: string): Permission {
  const permission = parsePermission(name)
  if (permission) return permission
  throw mistake(`unknown permission ${shown(name)}${suggestion(name, PERMISSIONS)}`)
}

export function readText(object: JsonObject, field: string): string {
  const value = readField(object, field)
  if (typeof value !== 'string') throw mistake(`"${field}" must be a text in double quotes`)
  return value
}

function readField(object: JsonObject, field: string): Json {
  const value = object.get(field)
  if (value === undefined) throw mistake(`"${field}" is missing`)
  return value
}
