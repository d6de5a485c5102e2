import { parse, TomlError } from 'smol-toml'
import { suggestion } from '../../text/nearest.js'
import { escaped, shown } from '../../text/printable.js'
import { isTable, kindProblem, PROFILE_KEYS } from './profile-keys.js'
import { profileLines } from './profile-lines.js'

/** A profile as it stands in the file: its values by path, such as `auth.oauth2.client_id`, and where each stands. */
export interface RawProfile {
  readonly name: string
  readonly values: ReadonlyMap<string, unknown>
  /** The file, with the line of that key or table if it is known. */
  where(path: string): string
}

/** The name of a profile that has none. */
export const DEFAULT_PROFILE = 'default'

/**
 * The profiles of an influxctl file, or what is wrong with it, a line for each mistake. As with influxctl an unknown key
 * is one, in any of the profiles.
 *
 * @param file how the file is called in messages
 */
export function parseProfiles(
  toml: string,
  file: string,
): { readonly profiles: readonly RawProfile[]; readonly problems: readonly string[] } {
  const document = parseDocument(toml, file)
  if (typeof document === 'string') return { profiles: [], problems: [document] }
  const lines = profileLines(toml)
  const whereIs = (profile: number | '', path: string) => {
    const line = lines.get(`${profile}:${path}`)
    return line === undefined ? escaped(file) : `${escaped(file)}:${line}`
  }
  const problems = Object.keys(document)
    .filter((key) => key !== 'profile')
    .map((key) => unknown(whereIs('', key), key, 'before [[profile]]', ['profile']))
  const { profile: list = [] } = document
  if (!Array.isArray(list)) {
    return { profiles: [], problems: [`${whereIs('', '')}: write [[profile]]`, ...problems] }
  }
  const profiles = list.map((content: unknown, i): RawProfile => {
    const where = (path: string) => whereIs(i, path)
    const values = new Map<string, unknown>()
    if (isTable(content)) problems.push(...collect(content, '', where, values))
    else problems.push(`${file}: a profile must be a table, written [[profile]]`)
    const name = values.get('name')
    return { name: typeof name === 'string' && name ? name : DEFAULT_PROFILE, values, where }
  })
  for (const [i, { name, where }] of profiles.entries()) {
    if (profiles.findIndex((other) => other.name === name) === i) continue
    problems.push(`${where('name')}: there are two profiles called ${shown(name)}`)
  }
  return { profiles, problems }
}

/** The document, or what is wrong with it: without the lines around, in which a secret may stand. */
function parseDocument(toml: string, file: string): Readonly<Record<string, unknown>> | string {
  try {
    return parse(toml, { integersAsBigInt: 'asNeeded' })
  } catch (error) {
    if (!(error instanceof TomlError)) return `${escaped(file)}: this is not TOML`
    const [first = ''] = error.message.split('\n')
    const reason = first.replace('Invalid TOML document: ', '')
    const harmless = /^[a-z :;,.-]+$/i.test(reason) ? reason : 'this is not TOML'
    return `${escaped(file)}:${error.line}:${error.column}: ${harmless}`
  }
}

/** Puts the values of a table, and of those in it, into `values`; returns what is wrong. */
function collect(
  table: Readonly<Record<string, unknown>>,
  path: string,
  where: (path: string) => string,
  values: Map<string, unknown>,
): string[] {
  const keys = PROFILE_KEYS.get(path) ?? new Map<string, never>()
  const heading = path === '' ? '[[profile]]' : `[profile.${path}]`
  return Object.entries(table).flatMap(([key, value]) => {
    const full = path === '' ? key : `${path}.${key}`
    const kind = keys.get(key)
    if (kind !== undefined) {
      const problem = kindProblem(kind, value)
      if (problem) return [`${where(full)}: ${key} in ${heading} ${problem}`]
      values.set(full, value)
      return []
    }
    if (!tables(path).includes(key)) {
      return [unknown(where(full), key, `in ${heading}`, [...keys.keys(), ...tables(path)])]
    }
    if (isTable(value)) return collect(value, full, where, values)
    return [`${where(full)}: ${full} must be a table, written [profile.${full}]`]
  })
}

/** The names of the tables right below that one. */
function tables(path: string): readonly string[] {
  const prefix = path === '' ? '' : `${path}.`
  const below = [...PROFILE_KEYS.keys()].filter((name) => name !== '' && name.startsWith(prefix))
  return [...new Set(below.map((name) => name.slice(prefix.length).split('.')[0] as string))]
}

function unknown(where: string, key: string, place: string, known: readonly string[]): string {
  return `${where}: unknown key ${shown(key)} ${place}${suggestion(key, known)}`
}
