import { escaped } from '../../text/printable.js'
import { line, titleOf, unknownKey } from '../problem.js'
import { isForeignKey, isServiceLink } from '../sections/foreign-keys.js'
import { misspeltSection } from '../sections/misspelt-section.js'
import type { Key } from '../sections/section-key.js'
import { findKey, isSectionName, keyNames, type SectionName } from '../sections/sections.js'
import type { Layer, Setting } from '../setting.js'

const NAME = /^KAPACITOR_([A-Z]+)_(.+)$/s

/** The variable for a key: `KAPACITOR_AUTH_BCRYPT_COST`. */
export function variableOf(section: SectionName, name: string): string {
  return `KAPACITOR_${section}_${name}`.toUpperCase().replaceAll('-', '_')
}

/**
 * Reads the variables of our sections. Case does not matter, and a hyphen is as good as an underscore
 * (`KAPACITOR_AUTH_META_USE-tls`). A variable set to nothing is not set, as in Kapacitor.
 */
export function readEnvironment(env: NodeJS.ProcessEnv): Layer {
  const settings = new Map<string, Setting>()
  const problems: string[] = []
  for (const [where, value = ''] of Object.entries(env).sort()) {
    const [, prefix = '', rest = ''] = NAME.exec(where.toUpperCase().replaceAll('-', '_')) ?? []
    const section = prefix.toLowerCase()
    if (value === '') continue
    const given = rest.toLowerCase().replaceAll('_', '-')
    if (!isSectionName(section)) {
      const meant = misspeltSection(section, [given])
      if (meant) {
        problems.push(line(where, `no such variable; did you mean ${variableOf(meant, given)}?`))
      }
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
