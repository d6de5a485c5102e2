import type { Value } from '../check-settings.js'
import { type Config, camelCase } from '../config.js'
import { check } from '../kinds/kind.js'
import { isInDataDirectory, type Key } from '../sections/section-key.js'
import { ALL_SECTION_NAMES, eachKey } from '../sections/sections.js'
import type { ImpliedAdmin } from '../setting.js'

export interface AssembleOptions {
  /** What was given, by full name. */
  readonly values: ReadonlyMap<string, Value>
  /** The `kapacitor.conf` that was read. */
  readonly path: string | undefined
  /** The `influxdb.conf` that was read. */
  readonly influxdbPath: string | undefined
  /** Of the file of `[oidc]`. */
  readonly impliedAdmins?: readonly ImpliedAdmin[] | undefined
  /** Where a default lies that is kept in the data directory. */
  readonly inDataDirectory: (name: string) => string
}

/** Puts the values and the defaults together; without warnings yet. Everything but `origins` is frozen. */
export function assemble(options: AssembleOptions): Config {
  const { values, path, influxdbPath, impliedAdmins = [], inDataDirectory } = options
  const origins = new Map<string, string>()
  const sections = new Map(ALL_SECTION_NAMES.map((name) => [name, {} as Record<string, unknown>]))
  for (const { section, name, key, id } of eachKey(ALL_SECTION_NAMES)) {
    const given = values.get(id)
    const isDefault = given === undefined || (given.value === '' && isInDataDirectory(key.default))
    const value = isDefault ? defaultOf(key, inDataDirectory) : given.value
    const content = sections.get(section) as Record<string, unknown>
    content[camelCase(name)] = Array.isArray(value) ? Object.freeze([...value]) : value
    origins.set(id, isDefault ? 'default' : given.where)
  }
  for (const content of sections.values()) Object.freeze(content)
  // The table gives the names and the types of both: what is built here, and `Config`.
  const built = Object.fromEntries(sections) as unknown as Config
  return {
    ...built,
    ...(path === undefined ? {} : { file: path }),
    ...(influxdbPath === undefined ? {} : { influxdbFile: influxdbPath }),
    ...(impliedAdmins.length === 0 ? {} : { impliedAdmins }),
    warnings: [],
    origins,
  }
}

function defaultOf(key: Key, inDataDirectory: AssembleOptions['inDataDirectory']): unknown {
  if (isInDataDirectory(key.default)) return inDataDirectory(key.default.inDataDirectory)
  const checked = check(key.kind, key.default, false)
  if (!checked.ok) throw new TypeError(`a default is not ${key.kind.expected}`)
  return checked.value
}
