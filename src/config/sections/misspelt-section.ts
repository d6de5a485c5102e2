import { nearest } from '../../text/nearest.js'
import { findKey, isSectionName, keyNames, SECTION_NAMES, type SectionName } from './sections.js'

/**
 * The section of ours that an unknown one was probably meant to be: it is written almost alike, and one of the keys
 * in it is that section's. To pass it over, as one of Kapacitor's, would leave its keys without effect.
 */
export function misspeltSection(name: string, keys: readonly string[]): SectionName | undefined {
  if (isSectionName(name)) return undefined
  const meant = nearest(name, SECTION_NAMES)
  if (meant === undefined || !isSectionName(meant)) return undefined
  return keys.some((key) => findKey(meant, key) !== undefined) ? meant : undefined
}

/** The sections of ours that have a key of that name. */
export function sectionsWith(name: string): SectionName[] {
  return SECTION_NAMES.filter((section) => keyNames(section).includes(name))
}
