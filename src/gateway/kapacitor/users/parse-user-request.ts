import { AuthError } from '../../../errors.js'
import { readPassword } from '../../../registry/fields.js'
import { type Json, type JsonObject, readJson } from '../../../registry/read-json.js'
import { suggestion } from '../../../text/nearest.js'
import { quoted, shown } from '../../../text/printable.js'
import {
  KAPACITOR_PERMISSIONS,
  type KapacitorPermission,
  type NewUser,
  type UserType,
  type UserUpdate,
  type WantedRights,
} from './kapacitor-user.js'

/** The names that Kapacitor allows. */
const NAME = /^[-._\p{L}0-9@]+$/u

/**
 * Reads the body of `POST /users`. Fields that are not known are left alone, as in Kapacitor.
 *
 * @throws AuthError `ERR_REQUEST_INVALID`; no password is in its message
 */
export function parseNewUser(body: string, passwordMinLength: number): NewUser {
  const object = parseObject(body)
  const name = readText(object, 'name')
  if (name === undefined) throw invalid('username is required')
  if (!NAME.test(name)) {
    const rule = "username must contain only letters, numbers, '-', '.', '@' and '_'."
    throw invalid(`${rule} ${quoted(name.slice(0, 255))}`)
  }
  if (name === '.' || name === '..') {
    throw invalid(`username must not be ${quoted(name)}, which no path can name`)
  }
  if (readText(object, 'password') === undefined) throw invalid('password is required')
  return { name, password: readPassword(object, passwordMinLength), ...readRights(object) }
}

/** Reads the body of `PATCH /users/NAME`, as `parseNewUser` does. An empty password means none. */
export function parseUserUpdate(body: string, passwordMinLength: number): UserUpdate {
  const object = parseObject(body)
  const hasPassword = readText(object, 'password') !== undefined
  return {
    password: hasPassword ? readPassword(object, passwordMinLength) : undefined,
    ...readRights(object),
  }
}

function readRights(object: JsonObject): WantedRights {
  return { type: readType(object), permissions: readPermissions(object) }
}

function readType(object: JsonObject): UserType | undefined {
  const type = readText(object, 'type')
  if (type === undefined || type === 'normal' || type === 'admin') return type
  throw notJson(`unknown type ${shown(type)}, "normal" and "admin" are known`)
}

const PERMISSION_NAMES = [...KAPACITOR_PERMISSIONS.keys(), 'all', 'none']

/** A list that is not there or null leaves the permissions alone; an empty one takes them away. */
function readPermissions(object: JsonObject): ReadonlySet<KapacitorPermission> | undefined {
  const list = object.get('permissions') ?? null
  if (list === null) return undefined
  if (!Array.isArray(list)) throw notJson('"permissions" must be a list of names')
  return new Set((list as readonly Json[]).flatMap(readPermission))
}

function readPermission(name: Json): readonly KapacitorPermission[] {
  if (typeof name !== 'string') throw notJson('"permissions" must be a list of names')
  if (name === 'none') return []
  if (name === 'all') return [...KAPACITOR_PERMISSIONS.keys()]
  const known = [...KAPACITOR_PERMISSIONS.keys()].find((one) => one === name)
  if (known) return [known]
  throw notJson(`unknown permission ${shown(name)}${suggestion(name, PERMISSION_NAMES)}`)
}

/** A text; undefined for an empty one, and for null: to Go they are the same. */
function readText(object: JsonObject, field: string): string | undefined {
  const value = object.get(field) ?? null
  if (value !== null && typeof value !== 'string') throw notJson(`"${field}" must be a text`)
  return value || undefined
}

function parseObject(body: string): JsonObject {
  let value: Json
  try {
    value = readJson(body)
  } catch (error) {
    throw notJson((error as Error).message.replace(/^not JSON: /, ''))
  }
  if (value instanceof Map) return value
  throw notJson('an object is expected')
}

const notJson = (why: string) => invalid(`invalid JSON: ${why}`)

const invalid = (message: string) => new AuthError('ERR_REQUEST_INVALID', message)
