import {
  ADMIN_PERMISSIONS,
  CLUSTER,
  type Permission,
  type Permissions,
  WHOLE_API,
} from '../../authz/permission.js'
import { mistake, readName, readPermission, readText } from '../../registry/fields.js'
import { nameFault } from '../../registry/name.js'
import { type Json, type JsonObject, readJson } from '../../registry/read-json.js'
import type { NewSubscriptionToken } from '../../registry/tokens/subscription-changes.js'
import type { NewToken, TokenUpdate } from '../../registry/tokens/token-changes.js'
import { suggestion } from '../../text/nearest.js'
import { shown } from '../../text/printable.js'
import { parseTime } from '../../text/rfc3339.js'
import { ALL_ACTIONS, EVERY_DATABASE, READ_ACTION, WRITE_ACTION } from './actions.js'

/** The body of `POST /api/v0/tokens`. @throws AuthError `ERR_REQUEST_INVALID` that names the mistake */
export function parseNewToken(
  text: string,
): Pick<NewToken, 'description' | 'permissions' | 'expiresAt'> {
  const body = readObject(text, ['description', 'permissions', 'expiresAt'])
  const description = readText(body, 'description')
  const permissions = body.has('permissions') ? readPermissionList(body) : new Map()
  const expiresAt = readTime(body, 'expiresAt') ?? undefined
  return { description, permissions, expiresAt }
}

/** The body of `PATCH /api/v0/tokens/{id}`; null for `expiresAt` is never. */
export function parseTokenUpdate(text: string): TokenUpdate {
  const fields = ['description', 'permissions', 'expiresAt']
  const body = readObject(text, fields)
  if (body.size === 0) throw mistake(`nothing to change: give ${fields.join(', ')}, or some of it`)
  return {
    ...(body.has('description') && { description: readText(body, 'description') }),
    ...(body.has('permissions') && { permissions: readPermissionList(body) }),
    ...(body.has('expiresAt') && { expiresAt: readTime(body, 'expiresAt') }),
  }
}

/** The body of `POST /api/v0/subscriptions`. */
export function parseNewSubscription(text: string): Omit<NewSubscriptionToken, 'digest'> {
  const body = readObject(text, ['database', 'policy', 'name', 'gateway'])
  return {
    database: readName(body, 'database'),
    policy: readName(body, 'policy'),
    name: readName(body, 'name'),
    ...(body.has('gateway') && { gateway: readName(body, 'gateway') }),
  }
}

function readObject(text: string, known: readonly string[]): JsonObject {
  if (text.trim() === '') throw mistake('the body is empty, a JSON object is expected')
  const body = readJson(text)
  if (!(body instanceof Map)) throw mistake('the body must be a JSON object')
  for (const field of (body as JsonObject).keys()) {
    if (known.includes(field)) continue
    throw mistake(`unknown field ${shown(field)} in the body${suggestion(field, known)}`)
  }
  return body
}

/** Left out: undefined. Null, which stands for never: null. */
function readTime(body: JsonObject, field: string): number | null | undefined {
  const value = body.get(field)
  if (value === undefined || value === null) return value
  const time = typeof value === 'string' ? parseTime(value) : undefined
  if (time !== undefined) return time
  throw mistake(`"${field}" must be a time like "2030-01-01T00:00:00Z"`)
}

/** `[{"action":"read","resource":"telegraf"}]`. */
function readPermissionList(body: JsonObject): Permissions {
  const list = body.get('permissions')
  if (!Array.isArray(list)) {
    throw mistake('"permissions" must be a list like [{"action":"read","resource":"telegraf"}]')
  }
  const permissions = new Map<string, Set<Permission>>()
  for (const item of list as readonly Json[]) {
    const { scope, names } = readOne(item)
    const held = permissions.get(scope) ?? new Set()
    for (const name of names) held.add(name)
    permissions.set(scope, held)
  }
  return permissions
}

function readOne(item: Json): { scope: string; names: Iterable<Permission> } {
  if (!(item instanceof Map)) {
    throw mistake('one of "permissions" is not an object like {"action":"read","resource":"db"}')
  }
  const object: JsonObject = item
  for (const field of object.keys()) {
    if (field !== 'action' && field !== 'resource') {
      throw mistake(`unknown field ${shown(field)} in one of "permissions"`)
    }
  }
  const action = readText(object, 'action')
  const scope = readScope(object)
  if (action === ALL_ACTIONS) {
    if (scope !== CLUSTER) throw mistake(`"all" is for all databases: its "resource" must be ""`)
    return { scope, names: ADMIN_PERMISSIONS.get(CLUSTER) ?? [] }
  }
  const permission = permissionOf(action)
  if (scope !== CLUSTER && WHOLE_API.includes(permission)) {
    throw mistake(`"${permission}" is not limited to a database: its "resource" must be ""`)
  }
  return { scope, names: [permission] }
}

function permissionOf(action: string): Permission {
  if (action === READ_ACTION) return 'ReadData'
  if (action === WRITE_ACTION) return 'WriteData'
  const permission = readPermission(action)
  if (permission !== 'NoPermissions') return permission
  throw mistake('a token without permissions has an empty list: leave out "NoPermissions"')
}

/** A database; `""` and `"*"` for all. */
function readScope(object: JsonObject): string {
  const resource = readText(object, 'resource')
  if (resource === CLUSTER || resource === EVERY_DATABASE) return CLUSTER
  const fault = nameFault(resource)
  if (fault) throw mistake(`a "resource" in "permissions" ${fault}`)
  return resource
}
