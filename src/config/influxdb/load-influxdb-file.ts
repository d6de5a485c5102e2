import { loadTextFile } from '../../text/text-file.js'
import { line } from '../problem.js'
import type { Platform } from '../sections/platform.js'
import { findKey } from '../sections/sections.js'
import { EXPOSED, type FileLayer, NO_FILE } from '../sources/load-config-file.js'
import { readInfluxdbToml } from './read-influxdb-toml.js'

/**
 * Reads the `influxdb.conf` that is named, or the one that `INFLUXDB_CONFIG_PATH` names. No other place is looked at:
 * a file in InfluxDB's own place is InfluxDB's, and says where that listens.
 *
 * @param file false reads none
 */
export function loadInfluxdbFile(
  file: string | false | undefined,
  env: NodeJS.ProcessEnv,
  platform: Platform,
): FileLayer {
  const path = file ?? (env.INFLUXDB_CONFIG_PATH || undefined)
  if (path === undefined || path === false) return NO_FILE
  const content = loadTextFile(path, platform.name)
  if (!('text' in content)) {
    const problem = line(path || '""', `the configuration file cannot be read: ${content.reason}`)
    return { ...NO_FILE, problems: [problem], isLost: true }
  }
  const layer = readInfluxdbToml(content.text, path)
  const holdsSecret = layer.settings.some(
    ({ name, value }) => findKey('influxdb', name)?.kind.isSecret && value !== '',
  )
  const exposed = content.isWorldReadable && holdsSecret ? [line(path, EXPOSED)] : []
  return { ...layer, path, warnings: [...layer.warnings, ...exposed] }
}
