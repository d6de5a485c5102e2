import { nearest } from '../../text/nearest.js'
import type { ConfigFile } from './config-file.js'
import { findKey, keyNames } from './sections.js'

/**
 * The section of ours, by its name in the file, that an unknown one was probably meant to be: it is written almost
 * alike, and one of its keys is in that section. Ignoring it, as one of the daemon's, would leave its keys without effect.
 */
export function misspeltSection(
  { sections }: ConfigFile,
  name: string,
  keys: readonly string[],
): string | undefined {
  if (sections.has(name)) return undefined
  const meant = nearest(name, [...sections.keys()])
  const section = sections.get(meant ?? '')
  if (section === undefined) return undefined
  return keys.some((key) => findKey(section, key) !== undefined) ? meant : undefined
}

/** The sections of ours, by their name in the file, that have a key of that name. */
export function sectionsWith({ sections }: ConfigFile, name: string): string[] {
  return [...sections].flatMap(([heading, section]) =>
    keyNames(section).includes(name) ? [heading] : [],
  )
}
