import {
  CLUSTER,
  PERMISSIONS,
  type Permission,
  type Permissions,
  WHOLE_API,
} from '../../authz/permission.js'
import { suggestion } from '../../text/nearest.js'
import { shown } from '../../text/printable.js'
import { mistake } from '../mistake.js'
import type { PermissionFlags } from './permission-arguments.js'

const BY_LETTERS = new Map(PERMISSIONS.map((name) => [name.toLowerCase(), name]))

/** What makes an administrator. */
const EVERYTHING = PERMISSIONS.filter((name) => name !== 'NoPermissions')

/**
 * The permissions that arguments and flags of `grant` and `revoke` name: names separated by commas or spaces, their
 * case as it may be, on each `--database` or everywhere. `--all` grants everything, everywhere; it revokes every
 * permission everywhere, or those on each `--database`.
 *
 * @throws AuthError one line that names the mistake
 */
export function permissionsOf(
  action: 'grant' | 'revoke',
  given: readonly string[],
  { database = [], all = false }: PermissionFlags,
): Permissions {
  if (all && given.length > 0) throw mistake('--all grants every permission: do not name others')
  if (all && action === 'grant' && database.length > 0) {
    throw mistake(
      '--all makes an administrator of every database: with --database, name the permissions',
    )
  }
  if (!all && given.length === 0) {
    throw mistake('name the permissions, such as ReadData,WriteData, or use --all')
  }
  if (database.includes('')) {
    throw mistake('--database is empty: without it, a permission holds for every database')
  }
  const names = all ? allOf(action) : new Set(given.flatMap(parseNames))
  const whole = WHOLE_API.filter((name) => names.has(name))
  if (action === 'grant' && database.length > 0 && whole.length > 0) {
    throw mistake(`${whole.join(', ')}: not limited to a database; grant it without --database`)
  }
  const scopes = database.length > 0 ? database : [CLUSTER]
  return new Map(scopes.map((scope) => [scope, names]))
}

function allOf(action: 'grant' | 'revoke'): ReadonlySet<Permission> {
  return new Set(action === 'grant' ? EVERYTHING : PERMISSIONS)
}

function parseNames(text: string): Permission[] {
  return text.split(',').map((part) => {
    const name = part.trim()
    if (name === '') throw mistake(`a permission's name is missing in ${shown(text)}`)
    const permission = BY_LETTERS.get(name.toLowerCase())
    if (permission !== undefined) return permission
    const hint = suggestion(name, PERMISSIONS) || `; there are ${PERMISSIONS.join(', ')}`
    throw mistake(`unknown permission ${shown(name)}${hint}`)
  })
}
