import type { Config } from '../config/config.js'
import { describeConfig } from '../config/describe-config.js'
import { exampleConfig } from '../config/example-config.js'
import { AuthError } from '../errors.js'
import { checkFiles } from '../serve/check-files.js'
import { escaped } from '../text/printable.js'
import { output } from './terminal/output.js'

/**
 * Prints the configuration in force, as TOML with each value's origin behind it; or an example of it. Then looks at
 * the files that it names. Warnings are printed to standard error.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`, a line for each file that `serve` could not use
 */
export async function printConfig(load: () => Config, example = false): Promise<void> {
  if (example) return output(exampleConfig())
  const config = load()
  await output(renderConfig(config))
  const { problems, warnings } = await checkFiles(config)
  for (const warning of [...config.warnings, ...warnings]) {
    process.stderr.write(`kapacitor-auth: warning: ${escaped(warning)}\n`)
  }
  if (problems.length > 0) {
    throw new AuthError('ERR_CONFIG_INVALID', problems.map(escaped).join('\n'))
  }
}

/** One line a key. Secrets are masked. */
export function renderConfig(config: Config): string {
  const rows = describeConfig(config)
  const width = Math.max(...rows.map(({ key, value }) => key.length + value.length)) + 3
  let heading = ''
  const lines: string[] = []
  for (const row of rows) {
    const own = `${row.file === 'influxdb.conf' ? '# influxdb.conf\n' : ''}[${row.section}]`
    if (own !== heading) {
      heading = own
      lines.push(`${lines.length ? '\n' : ''}${heading}`)
    }
    lines.push(`  ${`${row.key} = ${row.value}`.padEnd(width)}  # ${row.origin}`)
  }
  return `${lines.join('\n')}\n`
}
