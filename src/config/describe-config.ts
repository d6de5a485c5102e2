import { type Config, camelCase } from './config.js'
import { eachKey } from './sections/sections.js'

/** One value of the configuration, ready to be printed. */
export interface ConfigRow {
  readonly section: string
  readonly key: string
  /** As it would stand in `kapacitor.conf`, on one line; `***` if it is a secret that is set. */
  readonly value: string
  /** Where it came from, such as `default` or `/etc/kapacitor/kapacitor.conf:12`. */
  readonly origin: string
}

/** The whole configuration as a table, in the order of `kapacitor.conf.example`. */
export function describeConfig(config: Config): readonly ConfigRow[] {
  return [...eachKey()].map(({ section, name, key, id }) => {
    const content = config[section] as Readonly<Record<string, unknown>>
    const value = content[camelCase(name)]
    const text = key.kind.print(value)
    return { section, key: name, value: text, origin: config.origins.get(id) ?? 'default' }
  })
}
