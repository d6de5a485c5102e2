import { escaped as printable } from '../../text/printable.js'
import { line, unknownKey } from '../problem.js'
import { type ConfigFile, titleOf } from '../sections/config-file.js'
import { isForeignKey } from '../sections/foreign-keys.js'
import { misspeltSection, sectionsWith } from '../sections/misspelt-section.js'
import { findKey, type SectionName } from '../sections/sections.js'
import type { Layer, Setting } from '../setting.js'
import { findLines } from './find-lines.js'
import { parseToml } from './parse-toml.js'

/**
 * Reads our sections of a configuration file; all others are the daemon's, and accepted.
 *
 * @param path how the file is called in messages
 */
export function readToml(toml: string, path: string, file: ConfigFile): Layer {
  const settings: Setting[] = []
  const problems: string[] = []
  const document = parseToml(toml, path)
  if (typeof document === 'string') {
    return { settings, problems: [document], isLost: true }
  }
  const lines = findLines(toml)
  const whereIs = (name: string) => (lines.has(name) ? `${path}:${lines.get(name)}` : path)
  for (const [heading, content] of Object.entries(document)) {
    const section = file.sections.get(heading)
    const problem = sectionProblem(file, heading, content)
    if (problem !== undefined) problems.push(line(whereIs(heading), problem))
    if (problem !== undefined || section === undefined) continue
    for (const [name, value] of Object.entries(content as object)) {
      const where = whereIs(`${heading}.${name}`)
      if (findKey(section, name)) settings.push({ section, name, value, isText: false, where })
      else if (!isForeignKey(section, name))
        problems.push(unknownKey(where, section, name, spelling))
    }
  }
  return { settings, problems }
}

function sectionProblem(file: ConfigFile, name: string, content: unknown): string | undefined {
  const lower = name.toLowerCase()
  if (!file.sections.has(lower)) return foreignProblem(file, name, content)
  // Kapacitor's parser takes [AUTH] for [auth]; to pass it over would leave its keys without effect.
  if (name !== lower) return `[${name}] must be written [${lower}]`
  if (Array.isArray(content)) return `[[${name}]] must be written [${name}]: there is only one`
  const isTable = typeof content === 'object' && content !== null && !(content instanceof Date)
  return isTable ? undefined : `${name} must be a section, written [${name}]`
}

/** What looks like a section or a key of ours, out of place. */
function foreignProblem(file: ConfigFile, name: string, content: unknown): string | undefined {
  if (typeof content === 'object' && content !== null) {
    const meant = misspeltSection(file, name, Object.keys(content))
    return meant && `there is no section [${printable(name)}]; did you mean [${meant}]?`
  }
  const homes = sectionsWith(file, name).map((home) => `[${home}]`)
  if (homes.length === 0) return undefined
  return `${name} stands before all sections; it belongs below ${homes.join(' or ')}`
}

function spelling(section: SectionName, name: string): string {
  return titleOf({ section, name })
}
