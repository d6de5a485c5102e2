import { check } from './kinds/kind.js'
import { wrongValue } from './problem.js'
import { findKey } from './sections/sections.js'
import type { Setting } from './setting.js'

/** A value that passed its check. */
export interface Value {
  readonly value: unknown
  readonly where: string
}

/** The values that hold, by full name; with what is wrong with those that do not pass. */
export interface Values {
  readonly values: Map<string, Value>
  /** Full names of keys that were given a wrong value somewhere. */
  readonly failed: Set<string>
  readonly problems: string[]
}

/**
 * Checks every setting, and keeps the last of each key. One that a later layer overrules is checked,
 * too: it would be back on the day the other goes.
 *
 * @param settings in rising order of precedence
 */
export function checkSettings(settings: Iterable<Setting>): Values {
  const values = new Map<string, Value>()
  const failed = new Set<string>()
  const problems: string[] = []
  for (const setting of settings) {
    const key = findKey(setting.section, setting.name)
    if (key === undefined) continue
    const id = `${setting.section}.${setting.name}`
    const checked = check(key.kind, setting.value, setting.isText)
    if (checked.ok) {
      values.set(id, { value: checked.value, where: setting.where })
    } else {
      failed.add(id)
      problems.push(wrongValue(setting, key, checked.hint))
    }
  }
  return { values, failed, problems }
}
