import { nearest } from '../../text/nearest.js'
import { escaped } from '../../text/printable.js'
import { line, unknownKey } from '../problem.js'
import { type ConfigFile, titleOf, variableOf } from '../sections/config-file.js'
import { isForeignKey, isServiceLink } from '../sections/foreign-keys.js'
import { misspeltSection } from '../sections/misspelt-section.js'
import type { Key } from '../sections/section-key.js'
import { findKey, keyNames, type SectionName } from '../sections/sections.js'
import type { Layer, Setting } from '../setting.js'

const NAME = /^([A-Z]+)_([A-Z]+)_(.+)$/s

/**
 * Reads the variables of our sections of one file. Case does not matter, and a hyphen is as good as an underscore
 * (`KAPACITOR_AUTH_META_USE-tls`). A variable set to nothing is not set, as in Kapacitor.
 */
export function readEnvironment(env: NodeJS.ProcessEnv, file: ConfigFile): Layer {
  const settings = new Map<string, Setting>()
  const problems: string[] = []
  for (const [where, value = ''] of Object.entries(env).sort()) {
    const variable = where.toUpperCase().replaceAll('-', '_')
    if (value === '' || !variable.startsWith(`${file.prefix}_`)) continue
    if (isMeantAsPath(variable, value, file)) {
      problems.push(line(where, noSuchVariable(file.pathVariable)))
    }
    const [, , word = '', rest = ''] = NAME.exec(variable) ?? []
    const heading = word.toLowerCase()
    const given = rest.toLowerCase().replaceAll('_', '-')
    const section = file.sections.get(heading)
    if (section === undefined) {
      const meant = file.sections.get(misspeltSection(file, heading, [given]) ?? '')
      if (meant) problems.push(line(where, noSuchVariable(variableOf(meant, given))))
      continue
    }
    const name = canonicalName(section, given)
    if (name === undefined) {
      if (isForeignKey(section, given) || isServiceLink(given, value)) continue
      problems.push(unknownKey(where, section, given, variableOf))
      continue
    }
    const setting = { section, name, value, isText: true, where }
    const other = settings.get(titleOf(setting))
    if (other === undefined) settings.set(titleOf(setting), setting)
    else if (other.value !== value) {
      problems.push(line(where, `${escaped(other.where)} gives ${titleOf(setting)} another value`))
    }
  }
  return { settings: [...settings.values()], problems }
}

function canonicalName(section: SectionName, name: string): string | undefined {
  if (findKey(section, name)) return name
  return keyNames(section).find((key) => (findKey(section, key) as Key).aliases.includes(name))
}

/** What the variable with the file's path is mistaken for: `KAPACITOR_CONFIG`, `KAPACITOR_CONF_FILE` … */
const PATH = /^CONF(?:IG)?(?:_?(?:FILE(?:_?(?:NAME|PATH))?|PATH|DIR))?$/

function isMeantAsPath(variable: string, value: string, file: ConfigFile): boolean {
  const rest = variable.slice(file.prefix.length + 1)
  if (variable === file.pathVariable || !rest.startsWith('CONF')) return false
  if (isServiceLink(rest.toLowerCase().replaceAll('_', '-'), value)) return false
  return PATH.test(rest) || nearest(variable, [file.pathVariable.toLowerCase()]) !== undefined
}

function noSuchVariable(meant: string): string {
  return `no such variable; did you mean ${meant}?`
}
