import type { Node } from 'yaml'
import { suggestion } from '../../text/nearest.js'
import { shown } from '../../text/printable.js'
import { idProblem } from '../kinds/provider-kinds.js'
import { line } from '../problem.js'
import type { YamlFile } from './parse-yaml.js'
import {
  type Entry,
  endProblem,
  entriesOf,
  isNothing,
  itemsOf,
  readText,
  unknownKeyProblem,
} from './yaml-values.js'

/** What a user may be, the highest first; and the key of `[oidc]` for it. */
export const USER_GROUPS = { Admin: 'admins', Auditor: 'auditors', Member: 'members' } as const

export type UserGroup = keyof typeof USER_GROUPS

/** One user of the file. */
export interface OidcUser {
  readonly id: string
  /** The highest of their groups. */
  readonly group: UserGroup
  /** Whether they are Admin because they have no `userGroups`. */
  readonly isImplied: boolean
  /** `values.yaml:12` */
  readonly where: string
}

const GROUPS = Object.keys(USER_GROUPS) as UserGroup[]

/** What InfluxData's document requires, with any value. A file that ends within a user lacks some of it. */
const NAMES: readonly string[] = ['firstName', 'lastName', 'email']

const USER_KEYS: readonly string[] = ['id', ...NAMES, 'userGroups']

/** Why a file may lack something that nobody has left out. */
export const CUT_SHORT = 'the file may be cut short'

/** More lines than this help nobody. */
const MOST_PROBLEMS = 20

/**
 * Reads the list of users. Names and e-mail addresses mean nothing here.
 *
 * @param path the full name of the list, for messages
 */
export function readOidcUsers(
  file: YamlFile,
  { key, value }: Entry,
  path: string,
): { users: readonly OidcUser[]; problems: readonly string[] } {
  if (isNothing(value)) {
    const problem = `${path} is empty; write users: [] if nobody is meant; ${CUT_SHORT}`
    return { users: [], problems: [line(file.whereIs(key), problem)] }
  }
  const items = itemsOf(file, value)
  if (items === undefined) {
    return { users: [], problems: [line(file.whereIs(key), `${path} must be a list of users`)] }
  }
  const users = new Map<string, OidcUser>()
  const problems: string[] = []
  for (const [index, item] of items.entries()) {
    const user = readUser(file, item, { path: `${path}[${index}]`, key, problems })
    const other = users.get(user?.id ?? '')
    if (user && other) {
      problems.push(
        line(
          user.where,
          `${path}[${index}].id: ${shown(user.id)} is there already, at ${other.where}`,
        ),
      )
    } else if (user) users.set(user.id, user)
    if (problems.length >= MOST_PROBLEMS) break
  }
  if (problems.length === 0) problems.push(...withoutGroups([...users.values()], path))
  return { users: [...users.values()], problems }
}

/** Who has no `userGroups` although others have: they would be Admin by an omission. */
function withoutGroups(users: readonly OidcUser[], path: string): string[] {
  const first = users.find(({ isImplied }) => !isImplied)
  if (first === undefined) return []
  return [...users.entries()]
    .filter(([, { isImplied }]) => isImplied)
    .slice(0, MOST_PROBLEMS)
    .map(([index, { id, where }]) =>
      line(
        where,
        `${path}[${index}].userGroups is missing for ${shown(id)}: once one user has it (${first.where}), all must, since without it a user is Admin; ${CUT_SHORT}`,
      ),
    )
}

interface ReadUserOptions {
  readonly path: string
  /** Where the list is, for an item that has no place of its own. */
  readonly key: Node
  /** Takes what is wrong. */
  readonly problems: string[]
}

function readUser(
  file: YamlFile,
  item: unknown,
  { path, key, problems }: ReadUserOptions,
): OidcUser | undefined {
  const entries = entriesOf(file, item)
  if (entries === undefined) {
    const where = file.whereIs(isNothing(item) ? key : item)
    problems.push(line(where, `${path} must be a user: a map with an id`))
    return undefined
  }
  const before = problems.length
  const fail = (node: unknown, name: string, problem: string) =>
    problems.push(line(file.whereIs(node), `${path}${name}${problem}`))
  for (const entry of entries) {
    if (USER_KEYS.includes(entry.name)) continue
    const problem = unknownKeyProblem(entry.name, USER_KEYS)
    if (problem) fail(entry.key, '', problem)
  }
  const id = entries.find(({ name }) => name === 'id')
  const groups = entries.find(({ name }) => name === 'userGroups')
  const read = id
    ? readText(id.value)
    : { problem: 'is missing: the id of the user at the provider' }
  const problem = 'problem' in read ? ` ${read.problem}` : problemWith(read.text)
  if (problem !== undefined) fail(id?.key ?? item, '.id', problem)
  const missing = NAMES.filter((name) => !hasValue(entries, name))
  if (missing.length > 0) {
    const are = missing.length === 1 ? 'is' : 'are'
    const list = missing.join(' and ')
    fail(id?.key ?? item, '', `: ${list} ${are} missing, which every user must have; ${CUT_SHORT}`)
  }
  const cut = id && problems.length === before ? endProblem(file, id) : undefined
  if (cut !== undefined) fail(id?.key, '.id', ` ${cut}`)
  const group = groups ? readGroup(file, groups) : 'Admin'
  if (typeof group === 'object') fail(groups?.key, '.userGroups', group.problem)
  if (problems.length > before || 'problem' in read || typeof group === 'object') return undefined
  return { id: read.text, group, isImplied: groups === undefined, where: file.whereIs(id?.key) }
}

/** Any value but none: a file may end right behind the name of a key. */
function hasValue(entries: readonly Entry[], name: string): boolean {
  return entries.some((entry) => entry.name === name && !isNothing(entry.value))
}

function problemWith(id: string): string | undefined {
  if (id === '') return EMPTY
  const problem = idProblem(id)
  return problem && `: ${shown(id)}: ${problem}`
}

const EMPTY =
  " is empty, as in the default values of the Helm chart; write the user's id at the provider, or remove the user"

function readGroup(file: YamlFile, { value }: Entry): UserGroup | { problem: string } {
  const items = itemsOf(file, value)
  if (items === undefined || items.length === 0) {
    return { problem: ` must be a list of ${GROUPS.join(', ')}; without it a user is Admin` }
  }
  const groups = items.map(readText)
  for (const group of groups) {
    if ('problem' in group) return { problem: ` must be a list of ${GROUPS.join(', ')}` }
    if (!isGroup(group.text)) {
      const meant = suggestion(group.text, GROUPS)
      return { problem: `: ${shown(group.text)} is not one of ${GROUPS.join(', ')}${meant}` }
    }
  }
  const names = groups.map((group) => ('text' in group ? group.text : ''))
  return GROUPS.find((group) => names.includes(group)) ?? 'Member'
}

function isGroup(text: string): boolean {
  return (GROUPS as readonly string[]).includes(text)
}
