import { PERMISSIONS, WHOLE_API } from '../../authz/permission.js'
import type { TokenPermission } from '../../meta-client/documents/token-document.js'
import { suggestion } from '../../text/nearest.js'
import { shown } from '../../text/printable.js'
import { mistake } from '../mistake.js'
import type { GrantFlags } from './token-flags.js'

/** All databases. */
export const ALL_DATABASES = '*'

/** Every permission, everywhere: an administrator's. */
export const ALL = 'all'

const BY_LETTERS = new Map(
  PERMISSIONS.filter((name) => name !== 'NoPermissions').map((name) => [name.toLowerCase(), name]),
)

/**
 * What the flags grant, in order, each once.
 *
 * @throws AuthError one line that names the mistake
 */
export function grantsOf({
  readDatabase = [],
  writeDatabase = [],
  permission = [],
}: GrantFlags): readonly TokenPermission[] {
  const grants = [
    ...readDatabase.map((name) => databaseGrant('read', '--read-database', name)),
    ...writeDatabase.map((name) => databaseGrant('write', '--write-database', name)),
    ...permission.map(namedGrant),
  ]
  const keys = grants.map(({ action, resource }) => `${action}\0${resource}`)
  return grants.filter((_, i) => keys.indexOf(keys[i] as string) === i)
}

function databaseGrant(action: string, flag: string, resource: string): TokenPermission {
  if (resource === '') throw mistake(`${flag} is empty; * stands for all databases`)
  return { action, resource }
}

/** `KapacitorAPI`, or `Monitor:telegraf`. A database's name may hold colons itself. */
function namedGrant(text: string): TokenPermission {
  const colon = text.indexOf(':')
  const typed = colon < 0 ? text : text.slice(0, colon)
  if (typed.toLowerCase() === ALL && colon < 0) return { action: ALL, resource: '' }
  const name = BY_LETTERS.get(typed.toLowerCase())
  if (name === undefined) {
    const names = [...BY_LETTERS.values()]
    const hint = suggestion(typed, names) || `; there are ${[...names, ALL].join(', ')}`
    throw mistake(`unknown permission ${shown(typed)}${hint}`)
  }
  const database = colon < 0 ? '' : text.slice(colon + 1)
  if (colon >= 0 && database === '') {
    throw mistake(`--permission ${shown(text)}: the database is missing behind the colon`)
  }
  if (colon >= 0 && WHOLE_API.includes(name)) {
    throw mistake(`${name} is not limited to a database: give it without ${shown(`:${database}`)}`)
  }
  if (name === 'ReadData') return { action: 'read', resource: database || ALL_DATABASES }
  if (name === 'WriteData') return { action: 'write', resource: database || ALL_DATABASES }
  return { action: name, resource: database }
}
