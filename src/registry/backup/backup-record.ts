import { CLUSTER, PERMISSIONS, type Permission, type Permissions } from '../../authz/permission.js'
import { isJsonObject, type JsonObject, member } from '../../text/json-object.js'
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
import { checkName, LineMistake, readName } from './backup-line.js'
import { parseTokenRecord } from './token-lines.js'

/** Indexes go on from that of a backup: beyond this, nobody could count them for long. */
const MOST_CHANGES = 1e14

/** @throws LineMistake */
export function parseLine(text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new LineMistake('not JSON: the file was cut off or changed') // the reason would quote the line
  }
  if (isJsonObject(value)) return value
  throw new LineMistake('not a JSON object')
}

/** The counts of tokens, which older backups do not have. */
const FIRST_WITH_TOKENS = 3
const NO_TOKENS = { tokens: 0, subscriptions: 0 }

/** @throws LineMistake */
export function parseHead(text: string): BackupHead {
  const head = parseLine(text)
  if (member(head, 'backup') !== 'kapacitor-auth') {
    throw new LineMistake('this is not a backup of kapacitor-auth')
  }
  const version = member(head, 'version')
  if (!isReadable(version)) {
    const readable = `${OLDEST_VERSION} to ${BACKUP_VERSION} can be read here`
    throw new LineMistake(`the backup has version ${shown(version)}, ${readable}`)
  }
  const counted = [
    'users',
    'roles',
    'members',
    ...(version < FIRST_WITH_TOKENS ? [] : Object.keys(NO_TOKENS)),
  ]
  for (const field of ['index', ...counted]) {
    if (!Number.isSafeInteger(member(head, field)) || (member(head, field) as number) < 0) {
      throw new LineMistake(`"${field}" is not a number`)
    }
  }
  if ((member(head, 'index') as number) > MOST_CHANGES)
    throw new LineMistake('"index" is too large')
  return { ...NO_TOKENS, ...(head as object as Omit<BackupHead, keyof typeof NO_TOKENS>) }
}

function isReadable(version: unknown): version is number {
  const isNumber = typeof version === 'number' && Number.isInteger(version)
  return isNumber && version >= OLDEST_VERSION && version <= BACKUP_VERSION
}

/** The checksum in the last line; undefined if it is not that. @throws LineMistake */
export function parseEnd(line: JsonObject): string | undefined {
  if (member(line, 'end') !== true) return undefined
  const sum = member(line, 'sha256')
  if (typeof sum === 'string') return sum
  throw new LineMistake('the checksum is missing')
}

/** @param version of the backup @throws LineMistake */
export function parseRecord(line: JsonObject, version: number): BackupRecord {
  if (member(line, 'user') !== undefined) {
    const hash = member(line, 'hash')
    if (typeof hash !== 'string') throw new LineMistake('"hash" is not a text')
    const [name, permissions] = [readName(line, 'user'), readPermissions(line, version)]
    return { kind: 'user', name, hash, permissions, created: readCreated(line) }
  }
  if (member(line, 'role') !== undefined) {
    return {
      kind: 'role',
      name: readName(line, 'role'),
      permissions: readPermissions(line, version),
    }
  }
  if (version >= FIRST_WITH_TOKENS) {
    const token = parseTokenRecord(line, readPermissions(line, version))
    if (token) return token
  }
  const members = member(line, 'members')
  if (members === undefined) throw new LineMistake('neither user, role, members, token nor end')
  if (!Array.isArray(members)) throw new LineMistake('"members" is not a list of names')
  return {
    kind: 'members',
    of: readName(line, 'of'),
    names: members.map((name) => checkName('members', name)),
  }
}

/** Backups of version 1 do not have it. */
function readCreated(line: JsonObject): number {
  const created = member(line, 'created') ?? 0
  if (Number.isSafeInteger(created) && (created as number) >= 0) return created as number
  throw new LineMistake('"created" is not a number')
}

/** The permissions under `permissions`, lists of names by database. None when left out or null. @throws LineMistake */
function readPermissions(object: JsonObject, version: number): Permissions {
  const value = member(object, 'permissions')
  if (value === undefined || value === null) return NO_GRANTS
  if (!isJsonObject(value)) throw new LineMistake('"permissions" is not an object')
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
