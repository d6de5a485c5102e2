import { line } from '../problem.js'
import type { ImpliedAdmin, Layer, Setting } from '../setting.js'
import { findAdmin } from './find-admin.js'
import { parseYaml } from './parse-yaml.js'
import { type OidcUser, readOidcUsers, USER_GROUPS, type UserGroup } from './read-oidc-users.js'
import { endProblem, entriesOf, isNothing, readText, unknownKeyProblem } from './yaml-values.js'

/** The texts, and the keys of `[oidc]` that they are. */
const TEXTS: ReadonlyMap<string, string> = new Map([
  ['identityProvider', 'provider'],
  ['jwksEndpoint', 'jwks-endpoint'],
])

const OURS: readonly string[] = [...TEXTS.keys(), 'users']

/**
 * Reads the identity provider and the users from an AppInstance resource of InfluxDB Clustered, or from the values of
 * its Helm chart. All else in the file is skipped, except for what looks like one of these keys misspelt.
 *
 * @param name how the file is called in messages
 */
export function readOidcYaml(yaml: string, name: string): Layer {
  const file = parseYaml(yaml, name)
  if (typeof file === 'string') return lost(file)
  const admin = findAdmin(file, name)
  if (typeof admin === 'string') return lost(admin)
  const { path, entry } = admin
  const entries = entriesOf(file, entry.value)
  if (entries === undefined) {
    const what = isNothing(entry.value) ? 'is empty' : 'must be a map'
    return lost(line(file.whereIs(entry.key), `${path} ${what}; expected ${OURS.join(', ')}`))
  }
  const settings: Setting[] = []
  const impliedAdmins: ImpliedAdmin[] = []
  const problems: string[] = []
  for (const entry of entries) {
    const key = TEXTS.get(entry.name)
    const read = key === undefined ? undefined : readText(entry.value)
    const where = file.whereIs(entry.key)
    const cut = endProblem(file, entry)
    if (entry.name === 'users') {
      const { users, problems: wrong } = readOidcUsers(file, entry, `${path}.users`)
      settings.push(...listed(users))
      const implied = users.filter(({ isImplied }) => isImplied)
      impliedAdmins.push(...implied.map(({ id, where }) => ({ id, where })))
      problems.push(...wrong)
    } else if (key === undefined || read === undefined) {
      const problem = unknownKeyProblem(entry.name, OURS)
      if (problem) problems.push(line(where, `${path}${problem}`))
    } else if ('problem' in read) {
      problems.push(line(where, `${path}.${entry.name} ${read.problem}`))
    } else if (cut !== undefined) {
      return lost(line(where, `${path}.${entry.name} ${cut}`))
    } else if (read.text.trim() !== '') {
      settings.push({ section: 'oidc', name: key, value: read.text.trim(), isText: false, where })
    }
  }
  return { settings, problems, impliedAdmins }
}

/** The users as the keys of `[oidc]` have them, each where the first of its users stands. */
function listed(users: readonly OidcUser[]): Setting[] {
  return Object.entries(USER_GROUPS).flatMap(([group, name]) => {
    const those = users.filter((user) => user.group === (group as UserGroup))
    const where = those[0]?.where
    if (where === undefined) return []
    const value = those.map(({ id }) => id)
    return [{ section: 'oidc', name, value, isText: false, where } as const]
  })
}

function lost(problem: string): Layer {
  return { settings: [], problems: [problem], isLost: true }
}
