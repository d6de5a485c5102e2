import { type Config, camelCase } from '../../config/config.js'
import { DOORS } from '../doors/doors.js'
import { changedKeys } from './changed-keys.js'

/** What a running server cannot change: its own listeners, its processes, the embedded meta node. */
const ALWAYS = /^meta\.|^admin\.(?:enabled|bind-address)$|^http\.workers$/

/** With the embedded meta node: the threads that it shares with the doors. */
const EMBEDDED = /^auth\.hash-(?:threads|queue)$/

/** Where the embedded meta node takes the place of others, or the other way round: how those are asked. */
const META_NODES = /^auth\.meta-/

const isEmbedded = ({ auth }: Config) => auth.metaAddr.length === 0

/** The changed keys whose new values take effect only after a restart, by their full names. */
export function needRestart(before: Config, after: Config): string[] {
  const isOtherDirectory = isEmbedded(before) !== isEmbedded(after)
  return changedKeys(before, after).filter(
    (id) =>
      ALWAYS.test(id) ||
      (isEmbedded(before) && EMBEDDED.test(id)) ||
      (isOtherDirectory && META_NODES.test(id)) ||
      DOORS.some((door) => door.needsRestart(id, before, after)),
  )
}

/**
 * The configuration that a running server goes on with: the new one, but with the old values of all keys that wait for a
 * restart, so that no part of the program uses them before.
 */
export function withoutRestart(before: Config, after: Config): Config {
  const sections = new Map<string, Record<string, unknown>>()
  const origins = new Map(after.origins)
  for (const id of needRestart(before, after)) {
    const [section = '', name = ''] = id.split('.')
    const values = sections.get(section) ?? { ...after[section as 'http'] }
    const old = before[section as 'http'] as Readonly<Record<string, unknown>>
    values[camelCase(name)] = old[camelCase(name)]
    sections.set(section, values)
    origins.set(id, before.origins.get(id) ?? 'default')
  }
  const kept = [...sections].map(([name, values]) => [name, Object.freeze(values)] as const)
  return Object.freeze({ ...after, ...Object.fromEntries(kept), origins })
}
