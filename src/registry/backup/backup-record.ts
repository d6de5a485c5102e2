import { CLUSTER, PERMISSIONS, type Permission, type Permissions } from '../../authz/permission.js'
import { suggestion } from '../../text/nearest.js'
import { shown } from '../../text/printable.js'
import { NO_GRANTS, permissionsNamed } from '../grants.js'
import { fromLayout1 } from '../layout-1.js'
import { nameFault } from '../name.js'
import {
  BACKUP_VERSION,
  type BackupHead,
  type BackupRecord,
  OLDEST_VERSION,
} from './backup-format.js'

/** Indexes go on from that of a backup: beyond this, nobody could count them for long. */
const MOST_CHANGES = 1e14

/** What is wrong with a line, as a sentence without its number. Never quotes a hash. */
export class LineMistake extends Error {}

type JsonObject = Readonly<Record<string, unknown>>

/** @throws LineMistake */
export function parseLine(text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new LineMistake('not JSON: the file was cut off or changed') // the reason would quote the line
  }
  if (isObject(value)) return value
  throw new LineMistake('not a JSON object')
}

/** @throws LineMistake */
export function parseHead(text: string): BackupHead {
  const head = parseLine(text)
  if (own(head, 'backup') !== 'kapacitor-auth') {
    throw new LineMistake('this is not a backup of kapacitor-auth')
  }
  const version = own(head, 'version')
  if (version !== OLDEST_VERSION && version !== BACKUP_VERSION) {
    const readable = `${OLDEST_VERSION} and ${BACKUP_VERSION} can be read here`
    throw new LineMistake(`the backup has version ${shown(version)}, ${readable}`)
  }
  for (const field of ['index', 'users', 'roles', 'members']) {
    if (!Number.isSafeInteger(own(head, field)) || (own(head, field) as number) < 0) {
      throw new LineMistake(`"${field}" is not a number`)
    }
  }
  if ((own(head, 'index') as number) > MOST_CHANGES) throw new LineMistake('"index" is too large')
  return head as object as BackupHead
}

/** The checksum in the last line; undefined if it is not that. @throws LineMistake */
export function parseEnd(line: JsonObject): string | undefined {
  if (own(line, 'end') !== true) return undefined
  const sum = own(line, 'sha256')
  if (typeof sum === 'string') return sum
  throw new LineMistake('the checksum is missing')
}

/** @param version of the backup @throws LineMistake */
export function parseRecord(line: JsonObject, version: number): BackupRecord {
  if (own(line, 'user') !== undefined) {
    const hash = own(line, 'hash')
    if (typeof hash !== 'string') throw new LineMistake('"hash" is not a text')
    const [name, permissions] = [readName(line, 'user'), readPermissions(line, version)]
    return { kind: 'user', name, hash, permissions, created: readCreated(line) }
  }
  if (own(line, 'role') !== undefined) {
    return {
      kind: 'role',
      name: readName(line, 'role'),
      permissions: readPermissions(line, version),
    }
  }
  const members = own(line, 'members')
  if (members === undefined) throw new LineMistake('neither user, role, members nor end')
  if (!Array.isArray(members)) throw new LineMistake('"members" is not a list of names')
  return {
    kind: 'members',
    of: readName(line, 'of'),
    names: members.map((name) => checkName('members', name)),
  }
}

/** Backups of version 1 do not have it. */
function readCreated(line: JsonObject): number {
  const created = own(line, 'created') ?? 0
  if (Number.isSafeInteger(created) && (created as number) >= 0) return created as number
  throw new LineMistake('"created" is not a number')
}

function readName(line: JsonObject, field: string): string {
  return checkName(field, own(line, field))
}

function checkName(field: string, name: unknown): string {
  if (typeof name !== 'string') throw new LineMistake(`"${field}" is not a name`)
  const fault = nameFault(name)
  if (fault) throw new LineMistake(`a name in "${field}" ${fault}`)
  return name
}

/** The permissions under `permissions`, lists of names by database. None when left out or null. @throws LineMistake */
function readPermissions(object: JsonObject, version: number): Permissions {
  const value = own(object, 'permissions')
  if (value === undefined || value === null) return NO_GRANTS
  if (!isObject(value)) throw new LineMistake('"permissions" is not an object')
  const permissions = new Map<string, ReadonlySet<Permission>>()
  for (const [scope, names] of Object.entries(value)) {
    const fault = scope === CLUSTER ? undefined : nameFault(scope)
    if (fault) throw new LineMistake(`a database's name in "permissions" ${fault}`)
    if (!Array.isArray(names ?? [])) throw new LineMistake('"permissions" has no list of names')
    permissions.set(scope, new Set(((names ?? []) as unknown[]).flatMap(readPermission)))
  }
  return version === OLDEST_VERSION ? fromLayout1(permissions) : permissions
}

function readPermission(name: unknown): readonly Permission[] {
  if (typeof name !== 'string') throw new LineMistake('"permissions" has no list of names')
  const permissions = permissionsNamed(name)
  if (permissions.length > 0) return permissions
  throw new LineMistake(`unknown permission ${shown(name)}${suggestion(name, PERMISSIONS)}`)
}

/** What the object itself says under that name. */
function own(object: JsonObject, field: string): unknown {
  return Object.hasOwn(object, field) ? object[field] : undefined
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
