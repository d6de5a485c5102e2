import { AuthError } from '../errors.js'
import { checkSettings } from './check-settings.js'
import type { Config } from './config.js'
import { ERRORS } from './error-rules.js'
import { loadInfluxdbFile } from './influxdb/load-influxdb-file.js'
import { readInfluxdbEnvironment } from './influxdb/read-influxdb-environment.js'
import { loadOidcFile } from './oidc/load-oidc-file.js'
import { withSubjectClaim } from './oidc/subject-claim.js'
import { brokenRules } from './rule.js'
import { KAPACITOR_CONF } from './sections/config-file.js'
import {
  currentPlatform,
  defaultFiles,
  inDataDirectory,
  type Platform,
} from './sections/platform.js'
import type { Layer, Setting } from './setting.js'
import { assemble } from './sources/assemble.js'
import { loadConfigFile } from './sources/load-config-file.js'
import { readEnvironment } from './sources/read-environment.js'
import { type Overrides, readOverrides } from './sources/read-overrides.js'
import { readSecretFiles } from './sources/read-secret-files.js'
import { WARNINGS } from './warning-rules.js'

export interface LoadConfigOptions {
  /**
   * The configuration file; false reads none.
   *
   * @default `KAPACITOR_CONFIG_PATH`, else `/etc/kapacitor-auth/kapacitor.conf`, else
   *   `~/.kapacitor/kapacitor.conf`, else `/etc/kapacitor/kapacitor.conf`; when none of them exists, none is read
   */
  file?: string | false

  /** The `influxdb.conf`, of which `[http]` is read; false reads none. @default `INFLUXDB_CONFIG_PATH`, else none */
  influxdbFile?: string | false

  /** Where `KAPACITOR_…` and `INFLUXDB_HTTP_…` variables are looked up. @default process.env */
  env?: NodeJS.ProcessEnv

  /** What goes before file and environment, by full name (`auth.meta-addr`). @default {} */
  overrides?: Overrides

  /** How an override is called in messages, by full name: `{ 'meta.dir': '--data-dir' }`. @default `override meta.dir` */
  flags?: Readonly<Record<string, string>>

  /** What to take for true of the machine. @default the machine as it is */
  platform?: Partial<Platform>
}

/**
 * Makes the configuration from, in rising order of precedence, defaults, `kapacitor.conf`, environment and
 * overrides. `influxdb.conf` and the file of `[oidc]` are read, too, if they are named. Secret files are read; certificates and
 * keys are not, they are looked at by their users.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` whose message has one line for each problem, all of them at once
 */
export function loadConfig(options: LoadConfigOptions = {}): Config {
  const env = options.env ?? process.env
  const platform = { ...currentPlatform(env), ...options.platform }
  const places = defaultFiles(platform)
  const file = loadConfigFile(KAPACITOR_CONF, options.file, { env, platform, places })
  const environment = readEnvironment(env, KAPACITOR_CONF)
  const influxdbFile = loadInfluxdbFile(options.influxdbFile, env, platform)
  const lower: Layer[] = [file, influxdbFile, environment]
  const overrides = readOverrides(options.overrides ?? {}, options.flags)
  // INFLUXDB_HTTP_… may be an InfluxDB's on the same machine, as long as none is put behind the gateway
  const isConcerned = [...lower, overrides].some(namesInfluxdb)
  const given = [...lower, isConcerned ? readInfluxdbEnvironment(env) : NO_LAYER, overrides]
  const oidcFile = loadOidcFile(settingsOf(given), platform.name)
  const layers = [oidcFile, ...given]
  const checked = checkSettings(settingsOf(layers))
  const secretWarnings = readSecretFiles(checked, platform.name)
  const config = withSubjectClaim(
    assemble({
      values: checked.values,
      path: file.path,
      influxdbPath: influxdbFile.path,
      impliedAdmins: oidcFile.impliedAdmins,
      inDataDirectory: (name) => inDataDirectory(name, platform, env),
    }),
  )

  const problems = [...layers.flatMap(({ problems }) => problems), ...checked.problems]
  if (layers.every(({ isLost }) => !isLost))
    problems.push(...brokenRules(ERRORS, config, checked.failed))
  if (problems.length > 0) throw new AuthError('ERR_CONFIG_INVALID', problems.join('\n'))
  const warnings = [
    ...brokenRules(WARNINGS, config, checked.failed),
    ...file.warnings,
    ...influxdbFile.warnings,
    ...secretWarnings,
  ]
  return Object.freeze({ ...config, warnings: Object.freeze(warnings) })
}

const NO_LAYER: Layer = { settings: [], problems: [] }

function settingsOf(layers: readonly Layer[]): Setting[] {
  return layers.flatMap(({ settings }) => settings)
}

function namesInfluxdb({ settings }: Layer): boolean {
  return settings.some(
    ({ section, name, value }) =>
      section === 'influxdb' || (`${section}.${name}` === 'gateway.influxdb-url' && value !== ''),
  )
}
