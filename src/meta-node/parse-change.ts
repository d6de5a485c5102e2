import type { RoleChange, UserChange } from '../registry/changes/change.js'
import {
  mistake,
  readName,
  readPassword,
  readPermissions,
  readText,
  readUsers,
} from '../registry/fields.js'
import { newUserFault } from '../registry/name.js'
import { type JsonObject, readJson } from '../registry/read-json.js'
import { suggestion } from '../text/nearest.js'
import { shown } from '../text/printable.js'

type Subject = 'user' | 'role'

/** What can be done to each, and the field that it takes beside the name. */
const FIELD_BY_ACTION: Readonly<Record<Subject, ReadonlyMap<string, string | undefined>>> = {
  user: new Map([
    ['create', 'password'],
    ['delete', undefined],
    ['change-password', 'password'],
    ['add-permissions', 'permissions'],
    ['remove-permissions', 'permissions'],
  ]),
  role: new Map([
    ['create', undefined],
    ['delete', undefined],
    ['change-name', 'newName'],
    ['add-users', 'users'],
    ['remove-users', 'users'],
    ['add-permissions', 'permissions'],
    ['remove-permissions', 'permissions'],
  ]),
}

/** What `create` of a user may have besides, which InfluxDB Enterprise does not know: the user and their rights in one step. */
const GRANTED = 'permissions'

/**
 * The body of a `POST /user`.
 *
 * @param minLength how many characters a new password must have
 * @throws AuthError `ERR_REQUEST_INVALID` that names the mistake
 */
export function parseUserChange(text: string, minLength = 1): UserChange {
  const subject = 'user'
  const { action, object } = parse(subject, text)
  const name = readName(object, 'name')
  switch (action) {
    case 'create':
      refuseNewUser(name)
      return {
        subject,
        action,
        name,
        password: readPassword(object, minLength),
        ...(object.has(GRANTED) && { permissions: readPermissions(object) }),
      }
    case 'change-password':
      return { subject, action, name, password: readPassword(object, minLength) }
    case 'add-permissions':
    case 'remove-permissions':
      return { subject, action, name, permissions: readPermissions(object) }
    default:
      return { subject, action: 'delete', name }
  }
}

function refuseNewUser(name: string): void {
  const fault = newUserFault(name)
  if (fault) throw mistake(`"name" ${fault}`)
}

/** The body of a `POST /role`. @throws AuthError `ERR_REQUEST_INVALID` that names the mistake */
export function parseRoleChange(text: string): RoleChange {
  const subject = 'role'
  const { action, object } = parse(subject, text)
  const name = readName(object, 'name')
  switch (action) {
    case 'change-name':
      return { subject, action, name, newName: readName(object, 'newName') }
    case 'add-users':
    case 'remove-users':
      return { subject, action, name, users: readUsers(object) }
    case 'add-permissions':
    case 'remove-permissions':
      return { subject, action, name, permissions: readPermissions(object) }
    case 'create':
      return { subject, action, name }
    default:
      return { subject, action: 'delete', name }
  }
}

function parse(subject: Subject, text: string): { action: string; object: JsonObject } {
  const form = `{"action":…,"${subject}":{"name":…}}`
  if (text.trim() === '') throw mistake(`the body is empty, ${form} is expected`)
  const body = readJson(text)
  if (!(body instanceof Map)) throw mistake(`the body must be an object like ${form}`)
  const actions = FIELD_BY_ACTION[subject]
  const object = readSubject(subject, body)
  refuseOthers(body, ['action', subject], 'the body')
  const action = readText(body, 'action')
  if (!actions.has(action)) throw unknownAction(subject, action)
  const field = actions.get(action)
  const fields = field === undefined ? ['name'] : ['name', field]
  if (subject === 'user' && action === 'create') fields.push(GRANTED)
  refuseMisplaced(subject, action, object, fields)
  refuseOthers(object, fields, `"${subject}"`)
  return { action, object }
}

function readSubject(subject: Subject, body: JsonObject): JsonObject {
  const other = subject === 'user' ? 'role' : 'user'
  const object = body.get(subject)
  if (object === undefined && body.has(other)) {
    const action = body.get('action')
    const hint =
      typeof action === 'string' && FIELD_BY_ACTION[subject].has(action)
        ? `write "${subject}" to change a ${subject}; to change a ${other}, POST it to /${other}`
        : `POST it to /${other}`
    throw mistake(`/${subject} takes "${subject}", not "${other}": ${hint}`)
  }
  if (object === undefined) throw mistake(`"${subject}" is missing`)
  if (!(object instanceof Map)) throw mistake(`"${subject}" must be an object like {"name":…}`)
  if (body.has(other)) throw mistake(`"user" and "role" in one request: change one at a time`)
  return object
}

function unknownAction(subject: Subject, action: string) {
  const other = subject === 'user' ? 'role' : 'user'
  const what = `unknown action ${shown(action)} on a ${subject}`
  if (FIELD_BY_ACTION[other].has(action)) {
    return mistake(`${what}: it is one on a ${other}, POST it to /${other}`)
  }
  const actions = [...FIELD_BY_ACTION[subject].keys()]
  return mistake(`${what}${suggestion(action, actions) || `: there are ${actions.join(', ')}`}`)
}

/** Fields that other actions take: to ignore them would be to do less than was asked for. */
function refuseMisplaced(
  subject: Subject,
  action: string,
  object: JsonObject,
  fields: readonly string[],
): void {
  for (const [other, field] of FIELD_BY_ACTION[subject]) {
    if (field !== undefined && object.has(field) && !fields.includes(field)) {
      throw mistake(`${shown(action)} takes no "${field}"; ${shown(other)} does`)
    }
  }
}

function refuseOthers(object: JsonObject, known: readonly string[], where: string): void {
  for (const field of object.keys()) {
    if (known.includes(field)) continue
    throw mistake(`unknown field ${shown(field)} in ${where}${suggestion(field, known)}`)
  }
}
