import { Secret } from '../../text/secret.js'
import { line, unknownKey } from '../problem.js'
import { findKey, isAnySectionName, type SectionName } from '../sections/sections.js'
import type { Layer, Setting } from '../setting.js'

/**
 * Values by full name, such as `{ 'auth.meta-addr': '127.0.0.1:8091' }`: texts as on a command line, or
 * typed as in TOML. Undefined is not set.
 */
export type Overrides = Readonly<Record<string, unknown>>

/**
 * Reads what was given on the command line, or by a program.
 *
 * @param flags the flag that a value comes from, by the key's full name: `{ 'meta.dir': '--data-dir' }`
 */
export function readOverrides(
  overrides: Overrides,
  flags: Readonly<Record<string, string>> = {},
): Layer {
  const settings: Setting[] = []
  const problems: string[] = []
  for (const [id, given] of Object.entries(overrides)) {
    if (given === undefined) continue
    const dot = id.indexOf('.')
    const section = id.slice(0, Math.max(dot, 0))
    const name = id.slice(dot + 1)
    const where = flags[id] ?? `override ${id}`
    if (!isAnySectionName(section)) {
      problems.push(line(where, 'no key has that name; names are such as auth.meta-addr'))
    } else if (!findKey(section, name)) {
      problems.push(unknownKey(where, section, name, fullName))
    } else {
      const isSecret = findKey(section, name)?.kind.isSecret && given instanceof Secret
      const value = isSecret ? given.reveal() : given
      settings.push({ section, name, value, isText: typeof value === 'string', where })
    }
  }
  return { settings, problems }
}

function fullName(section: SectionName, name: string): string {
  return `${section}.${name}`
}
