import { isDeepStrictEqual } from 'node:util'
import { type Config, camelCase } from '../../config/config.js'
import { Secret } from '../../text/secret.js'

/** The keys whose values differ, by their full names. */
export function changedKeys(before: Config, after: Config): string[] {
  return [...after.origins.keys()].filter(
    (id) => !isDeepStrictEqual(settingOf(before, id), settingOf(after, id)),
  )
}

function settingOf(config: Config, id: string): unknown {
  const [section = '', name = ''] = id.split('.')
  const values = config[section as 'http'] as Readonly<Record<string, unknown>>
  const value = values[camelCase(name)]
  return value instanceof Secret ? value.reveal() : value
}
