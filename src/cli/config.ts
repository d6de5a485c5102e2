import type { Config } from '../config/config.js'
import { describeConfig } from '../config/describe-config.js'
import { exampleConfig } from '../config/example-config.js'

/** Prints the configuration in force, as TOML with each value's origin behind it; or an example of it. */
export function printConfig(load: () => Config, example = false): void {
  process.stdout.write(example ? exampleConfig() : renderConfig(load()))
}

/** One line a key. Secrets are masked. */
export function renderConfig(config: Config): string {
  const rows = describeConfig(config)
  const width = Math.max(...rows.map(({ key, value }) => key.length + value.length)) + 3
  let section = ''
  const lines: string[] = []
  for (const row of rows) {
    if (row.section !== section) {
      section = row.section
      lines.push(`${lines.length ? '\n' : ''}[${section}]`)
    }
    lines.push(`  ${`${row.key} = ${row.value}`.padEnd(width)}  # ${row.origin}`)
  }
  return `${lines.join('\n')}\n`
}
