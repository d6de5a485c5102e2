import type { Config } from '../config/config.js'
import { loadConfig } from '../config/load-config.js'
import { AuthError } from '../errors.js'

/** What a command's flags say. */
export interface ConfigFlags {
  config?: string
  influxdbConfig?: string
  dataDir?: string
  [flag: string]: string | undefined
}

/** Flags that stand for one key of the configuration, by commander's name for them. */
const KEY_BY_FLAG: Readonly<Record<string, string>> = {
  bindAddress: 'http.bind-address',
  metaAddr: 'auth.meta-addr',
  metaBindAddress: 'meta.http-bind-address',
}

/** What those keys are called in messages. */
const FLAG_BY_KEY: Readonly<Record<string, string>> = {
  'http.bind-address': '--bind-address',
  'auth.meta-addr': '--meta-addr',
  'meta.http-bind-address': '--meta-bind-address',
  'meta.dir': '--data-dir',
  'sample.dir': '--data-dir',
}

/**
 * The configuration, flags before file and environment.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`, a line for each problem
 */
export function configOf(flags: ConfigFlags): Config {
  const overrides: Record<string, string> = {}
  for (const [flag, key] of Object.entries(KEY_BY_FLAG)) {
    const value = flags[flag]
    if (value !== undefined) overrides[key] = value
  }
  if (flags.dataDir === '') throw new AuthError('ERR_CONFIG_INVALID', '--data-dir is empty')
  if (flags.dataDir !== undefined) {
    overrides['meta.dir'] = `${flags.dataDir}/meta`
    overrides['sample.dir'] = `${flags.dataDir}/sample`
  }
  return loadConfig({
    overrides,
    flags: FLAG_BY_KEY,
    ...(flags.config !== undefined && { file: flags.config }),
    ...(flags.influxdbConfig !== undefined && { influxdbFile: flags.influxdbConfig }),
  })
}
