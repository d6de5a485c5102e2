import { type Config, camelCase } from './config.js'
import { homeOf } from './sections/config-file.js'
import { ALL_SECTION_NAMES, eachKey, SECTION_NAMES } from './sections/sections.js'

/** One value of the configuration, ready to be printed. */
export interface ConfigRow {
  /** Set for what is not in `kapacitor.conf`. */
  readonly file?: 'influxdb.conf'
  readonly section: string
  readonly key: string
  /** As it would stand in the file, on one line; `***` if it is a secret that is set. */
  readonly value: string
  /** Where it came from, such as `default` or `/etc/kapacitor/kapacitor.conf:12`. */
  readonly origin: string
}

/** The whole configuration as a table: `kapacitor.conf` in the order of the example; then `influxdb.conf`, if it matters. */
export function describeConfig(config: Config): readonly ConfigRow[] {
  const sections = config.gateway.influxdbUrl === '' ? SECTION_NAMES : ALL_SECTION_NAMES
  return [...eachKey(sections)].map(({ section, name, key, id }) => {
    const content = config[section] as Readonly<Record<string, unknown>>
    const value = content[camelCase(name)]
    const text = key.kind.print(value)
    return {
      ...(section === 'influxdb' && { file: 'influxdb.conf' }),
      section: homeOf(section).heading,
      key: name,
      value: text,
      origin: config.origins.get(id) ?? 'default',
    }
  })
}
