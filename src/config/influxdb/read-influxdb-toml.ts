import { nearest } from '../../text/nearest.js'
import { line, unknownKey } from '../problem.js'
import { titleOf } from '../sections/config-file.js'
import { findKey, keyNames } from '../sections/sections.js'
import type { Layer, Setting } from '../setting.js'
import { findLines } from '../sources/find-lines.js'
import { parseToml } from '../sources/parse-toml.js'
import { ENGINE_SECTIONS, isEngineKey } from './engine-keys.js'

/** What an `influxdb.conf` gave. */
export interface InfluxdbLayer extends Layer {
  readonly warnings: readonly string[]
}

/** What InfluxDB's files have before all sections, which is not about HTTP. */
const GLOBAL_KEYS: ReadonlySet<string> = new Set(['bind-address', 'enabled'])

/**
 * Reads `[http]` of an `influxdb.conf`. All other sections, and the keys of the engine in this one, are skipped. A key
 * that is neither is skipped with a warning, or refused if it looks like one of ours: that would have no effect. One of
 * ours before all sections, as one of InfluxDB's documents prints it, is taken with a warning.
 *
 * @param file how the file is called in messages
 */
export function readInfluxdbToml(toml: string, file: string): InfluxdbLayer {
  const document = parseToml(toml, file)
  if (typeof document === 'string') {
    return { settings: [], problems: [document], warnings: [], isLost: true }
  }
  const lines = findLines(toml)
  const whereIs = (name: string) => (lines.has(name) ? `${file}:${lines.get(name)}` : file)
  const settings: Setting[] = []
  const problems: string[] = []
  const warnings: string[] = []

  function readKey(name: string, value: unknown, where: string): void {
    const setting: Setting = { section: 'influxdb', name, value, isText: false, where }
    if (findKey('influxdb', name)) settings.push(setting)
    else if (isEngineKey(name)) return
    else if (nearest(name, keyNames('influxdb')) === undefined)
      warnings.push(line(where, `${titleOf(setting)} is not known here, and skipped`))
    else
      problems.push(
        unknownKey(where, 'influxdb', name, (section, near) => titleOf({ section, name: near })),
      )
  }

  for (const [name, content] of Object.entries(document)) {
    const where = whereIs(name)
    if (isSection(content)) {
      if (name === 'http') {
        for (const key of Object.keys(content)) readKey(key, content[key], whereIs(`http.${key}`))
      } else if (isMisspelt(name)) {
        problems.push(line(where, `there is no section [${name}]; did you mean [http]?`))
      }
    } else if (name === 'http') {
      problems.push(line(where, 'http must be a section, written [http]'))
    } else if (!GLOBAL_KEYS.has(name) && findKey('influxdb', name)) {
      warnings.push(line(where, `${name} stands before all sections; it is read as [http] ${name}`))
      readKey(name, content, where)
    }
  }
  return { settings, problems, warnings }
}

function isSection(content: unknown): content is Readonly<Record<string, unknown>> {
  return typeof content === 'object' && content !== null && !Array.isArray(content)
}

function isMisspelt(name: string): boolean {
  return !ENGINE_SECTIONS.has(name) && nearest(name, ['http']) !== undefined
}
