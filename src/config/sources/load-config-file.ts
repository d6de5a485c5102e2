import { loadTextFile } from '../../text/text-file.js'
import { line } from '../problem.js'
import type { ConfigFile } from '../sections/config-file.js'
import type { Platform } from '../sections/platform.js'
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

export interface LoadConfigFileOptions {
  readonly env: NodeJS.ProcessEnv
  readonly platform: Platform
  /** Where it is looked for when nobody names it, in order; the first that exists is read. */
  readonly places: readonly string[]
}

/**
 * Finds and reads a configuration file: the one named, else the one that its variable names, else the first of
 * the places that exists.
 *
 * @param path false reads none
 */
export function loadConfigFile(
  file: ConfigFile,
  path: string | false | undefined,
  { env, platform, places }: LoadConfigFileOptions,
): FileLayer {
  if (path === false) return NO_FILE
  const named = path ?? (env[file.pathVariable] || undefined)
  if (named !== undefined) return load(file, named, platform, true)
  for (const place of places) {
    const layer = load(file, place, platform, false)
    if (layer !== NO_FILE) return layer
  }
  return NO_FILE
}

function load(file: ConfigFile, path: string, platform: Platform, mustExist: boolean): FileLayer {
  const content = loadTextFile(path, platform.name)
  if ('text' in content) {
    const layer = readToml(content.text, path, file)
    const warnings = content.isWorldReadable && holdsSecret(layer) ? [line(path, EXPOSED)] : []
    return { ...layer, path, warnings }
  }
  // A file that exists, or may exist, is never ignored.
  if (content.isMissing && !mustExist) return NO_FILE
  const problem = line(path || '""', `the configuration file cannot be read: ${content.reason}`)
  return { ...NO_FILE, problems: [problem], isLost: true }
}

/** What is said of a file that others may read. */
export const EXPOSED = 'the file holds a secret, and every user of this machine may read it'

function holdsSecret(layer: Layer): boolean {
  return layer.settings.some(
    ({ section, name, value }) => findKey(section, name)?.kind.isSecret && value !== '',
  )
}
