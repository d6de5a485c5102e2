import { AuthError } from '../../errors.js'
import { checkSettings, type Value } from '../check-settings.js'
import { type Config, camelCase } from '../config.js'
import { brokenRules } from '../rule.js'
import { ALL_SECTION_NAMES, eachKey } from '../sections/sections.js'
import type { Setting } from '../setting.js'
import { assemble } from '../sources/assemble.js'
import { conflictsOf, readOidcFile } from './load-oidc-file.js'
import { OIDC_ERRORS, OIDC_WARNINGS } from './oidc-rules.js'
import { raisedByOmission } from './raised-by-omission.js'
import { withSubjectClaim } from './subject-claim.js'

/**
 * Reads the file that `[oidc] file` names again, and nothing else: all other values stay as they are, whatever has been
 * written to `kapacitor.conf` since.
 *
 * @returns the configuration with what the file says now; its warnings are those about `[oidc]` only
 * @throws AuthError `ERR_CONFIG_INVALID` whose message has one line for each problem
 */
export function rereadOidcFile(
  config: Config,
  platform: NodeJS.Platform = process.platform,
): Config {
  const { file } = config.oidc
  if (file === '') return config
  const others = otherValues(config)
  const layer = readOidcFile(file, platform, config.origins.get('oidc.file') ?? file)
  const checked = checkSettings(layer.settings)
  const next = withSubjectClaim(
    assemble({
      values: new Map([...others, ...checked.values]),
      path: config.file,
      influxdbPath: config.influxdbFile,
      impliedAdmins: layer.impliedAdmins,
      inDataDirectory: () => '', // every such key has its value already
    }),
  )
  const problems = [
    ...layer.problems,
    ...conflictsOf(layer, settingsOf(others)),
    ...checked.problems,
    ...(layer.isLost ? [] : brokenRules(OIDC_ERRORS, next, checked.failed)),
    ...raisedByOmission(config, next),
  ]
  if (problems.length > 0) throw new AuthError('ERR_CONFIG_INVALID', problems.join('\n'))
  const warnings = brokenRules(OIDC_WARNINGS, next, checked.failed)
  return Object.freeze({ ...next, warnings: Object.freeze(warnings) })
}

/** What the file has not given, by full name. */
function otherValues({ origins, ...config }: Config): Map<string, Value> {
  const values = new Map<string, Value>()
  const inFile = `${config.oidc.file}:`
  for (const { section, name, id } of eachKey(ALL_SECTION_NAMES)) {
    const where = origins.get(id) ?? 'default'
    const isGiven = section !== 'oidc' || (where !== 'default' && !where.startsWith(inFile))
    const content = config[section] as Readonly<Record<string, unknown>>
    if (isGiven) values.set(id, { value: content[camelCase(name)], where })
  }
  return values
}

function settingsOf(values: ReadonlyMap<string, Value>): Setting[] {
  return [...eachKey(['oidc'])].flatMap(({ section, name, id }) => {
    const given = values.get(id)
    return given ? [{ section, name, value: given.value, isText: false, where: given.where }] : []
  })
}
