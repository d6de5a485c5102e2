import { loadTextFile } from '../../text/text-file.js'
import { line } from '../problem.js'
import { defaultFiles, type Platform } from '../sections/platform.js'
import { findKey } from '../sections/sections.js'
import type { Layer } from '../setting.js'
import { readToml } from './read-toml.js'

/** What a configuration file gave. */
export interface FileLayer extends Layer {
  /** The file that was read, as it was named; undefined if there was none. */
  readonly path: string | undefined
  readonly warnings: readonly string[]
}

export const NO_FILE: FileLayer = { path: undefined, settings: [], problems: [], warnings: [] }

/**
 * Finds and reads `kapacitor.conf`: the file named, else the one that `KAPACITOR_CONFIG_PATH` names, else
 * the first of the platform's places that exists.
 *
 * @param file false reads none
 */
export function loadConfigFile(
  file: string | false | undefined,
  env: NodeJS.ProcessEnv,
  platform: Platform,
): FileLayer {
  if (file === false) return NO_FILE
  const named = file ?? (env.KAPACITOR_CONFIG_PATH || undefined)
  if (named !== undefined) return load(named, platform, true)
  for (const path of defaultFiles(platform)) {
    const layer = load(path, platform, false)
    if (layer !== NO_FILE) return layer
  }
  return NO_FILE
}

function load(path: string, platform: Platform, mustExist: boolean): FileLayer {
  const file = loadTextFile(path, platform.name)
  if ('text' in file) {
    const layer = readToml(file.text, path)
    const warnings = file.isWorldReadable && holdsSecret(layer) ? [line(path, EXPOSED)] : []
    return { ...layer, path, warnings }
  }
  // One that is there, or may be there, is not passed over in silence.
  if (file.isMissing && !mustExist) return NO_FILE
  const problem = line(path || '""', `the configuration file cannot be read: ${file.reason}`)
  return { ...NO_FILE, problems: [problem], isLost: true }
}

/** What is said of a file that others may read. */
export const EXPOSED = 'the file holds a secret, and every user of this machine may read it'

function holdsSecret(layer: Layer): boolean {
  return layer.settings.some(
    ({ section, name, value }) => findKey(section, name)?.kind.isSecret && value !== '',
  )
}
