import { nearest } from '../../text/nearest.js'
import { unknownKey } from '../problem.js'
import { variableOf } from '../sections/config-file.js'
import { isServiceLink } from '../sections/foreign-keys.js'
import { findKey, keyNames } from '../sections/sections.js'
import type { Layer, Setting } from '../setting.js'
import { isEngineKey } from './engine-keys.js'

const NAME = /^INFLUXDB_HTTP_(.+)$/s

/**
 * Reads `INFLUXDB_HTTP_…`, as InfluxDB does: a variable set to nothing is not set. Those of the engine's keys are
 * skipped; one that looks like a key of ours is refused, since it would have no effect.
 */
export function readInfluxdbEnvironment(env: NodeJS.ProcessEnv): Layer {
  const settings: Setting[] = []
  const problems: string[] = []
  for (const [where, value = ''] of Object.entries(env).sort()) {
    const [, rest] = NAME.exec(where) ?? []
    if (rest === undefined || value === '') continue
    const name = rest.toLowerCase().replaceAll('_', '-')
    if (findKey('influxdb', name)) {
      settings.push({ section: 'influxdb', name, value, isText: true, where })
    } else if (!isEngineKey(name) && !isServiceLink(`http-${name}`, value)) {
      if (nearest(name, keyNames('influxdb')) === undefined) continue
      problems.push(unknownKey(where, 'influxdb', name, variableOf))
    }
  }
  return { settings, problems }
}
