import { SECTION_NAMES, type SectionName } from './sections.js'

/** One of the configuration files: which of its sections are ours, and how they are called there. */
export interface ConfigFile {
  /** How it is called in messages: `kapacitor.conf`. */
  readonly name: string

  /** What the names of its environment variables begin with: `KAPACITOR`. */
  readonly prefix: string

  /** The variable that names the file's path. */
  readonly pathVariable: string

  /** Its sections that are ours, by their name in the file. All others are left to the daemon whose file it is. */
  readonly sections: ReadonlyMap<string, SectionName>
}

/** Kapacitor's own file. Its sections have the names that they have in `Config`. */
export const KAPACITOR_CONF: ConfigFile = Object.freeze({
  name: 'kapacitor.conf',
  prefix: 'KAPACITOR',
  pathVariable: 'KAPACITOR_CONFIG_PATH',
  sections: new Map(SECTION_NAMES.map((name) => [name, name])),
})

/** InfluxDB's own file, of which only `[http]` is read. */
export const INFLUXDB_CONF: ConfigFile = Object.freeze({
  name: 'influxdb.conf',
  prefix: 'INFLUXDB',
  pathVariable: 'INFLUXDB_CONFIG_PATH',
  sections: new Map([['http', 'influxdb']] as const),
})

export const CONFIG_FILES: readonly ConfigFile[] = [KAPACITOR_CONF, INFLUXDB_CONF]

/** The file that has a section of ours, and its name there. */
export function homeOf(section: SectionName): { file: ConfigFile; heading: string } {
  for (const file of CONFIG_FILES) {
    for (const [heading, name] of file.sections) if (name === section) return { file, heading }
  }
  throw new TypeError(`section ${section} is in no file`)
}

/** How a key is named in messages: `[auth] bcrypt-cost`. */
export function titleOf(key: { section: SectionName; name: string }): string {
  return `[${homeOf(key.section).heading}] ${key.name}`
}

/** The variable for a key: `KAPACITOR_AUTH_BCRYPT_COST`. */
export function variableOf(section: SectionName, name: string): string {
  const { file, heading } = homeOf(section)
  return `${file.prefix}_${heading}_${name}`.toUpperCase().replaceAll('-', '_')
}
