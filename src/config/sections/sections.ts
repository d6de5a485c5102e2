import { INFLUXDB } from '../influxdb/influxdb-section.js'
import { path } from '../kinds/kinds.js'
import { ADMIN } from './admin-section.js'
import { AUDIT } from './audit-section.js'
import { AUTH } from './auth-section.js'
import { GATEWAY } from './gateway-section.js'
import { HTTP } from './http-section.js'
import { LOGGING } from './logging-section.js'
import { META } from './meta-section.js'
import { OIDC } from './oidc-section.js'
import { SAMPLE } from './sample-section.js'
import { type Key, key, type Section } from './section-key.js'

/** Every section and key that is ours, of `kapacitor.conf` and (`influxdb`) of `influxdb.conf`: the single source. */
export const SECTIONS = {
  http: HTTP,
  auth: AUTH,
  oidc: OIDC,
  gateway: GATEWAY,
  meta: META,
  admin: ADMIN,
  audit: AUDIT,
  logging: LOGGING,
  sample: SAMPLE,
  influxdb: INFLUXDB,
} as const

export type SectionName = keyof typeof SECTIONS

/** A key by its full name, such as `auth.bcrypt-cost`. */
export type KeyId = {
  [S in SectionName]: `${S}.${keyof (typeof SECTIONS)[S]['keys'] & string}`
}[SectionName]

/** All sections, whichever file they are in. */
export const ALL_SECTION_NAMES = Object.keys(SECTIONS) as readonly SectionName[]

/** Those of `kapacitor.conf`. */
export const SECTION_NAMES: readonly SectionName[] = ALL_SECTION_NAMES.filter(
  (name) => name !== 'influxdb',
)

/** What makes `meta-password` into `meta-password-file`, the path of a file that holds the secret. */
export const FILE_SUFFIX = '-file'

const SECRET_FILE = key(path, '', 'The path of a file that holds the secret.')

/** The table again, for looking up: every section with its keys, those of secret files among them. */
const KEYS: ReadonlyMap<string, ReadonlyMap<string, Key>> = new Map(
  ALL_SECTION_NAMES.map((section) => [section, withSecretFiles(SECTIONS[section])]),
)

/** Whether `kapacitor.conf` has such a section. */
export function isSectionName(name: string): name is SectionName {
  return (SECTION_NAMES as readonly string[]).includes(name)
}

/** Whether there is such a section in any of the files. */
export function isAnySectionName(name: string): name is SectionName {
  return KEYS.has(name)
}

/** The key of that name, `…-file` of a secret included; undefined if there is none. */
export function findKey(section: SectionName, name: string): Key | undefined {
  return KEYS.get(section)?.get(name)
}

/** The names of all keys of a section, `…-file` of its secrets included. */
export function keyNames(section: SectionName): readonly string[] {
  return [...(KEYS.get(section)?.keys() ?? [])]
}

/** Every key of the table with its section and name, in order. @param sections whose @default those of `kapacitor.conf` */
export function* eachKey(
  sections: readonly SectionName[] = SECTION_NAMES,
): Generator<{ section: SectionName; name: string; key: Key; id: KeyId }> {
  for (const section of sections) {
    for (const [name, key] of Object.entries<Key>(SECTIONS[section].keys)) {
      yield { section, name, key, id: `${section}.${name}` as KeyId }
    }
  }
}

function withSecretFiles(section: Section): ReadonlyMap<string, Key> {
  return new Map(
    Object.entries(section.keys).flatMap(([name, key]): [string, Key][] =>
      key.kind.isSecret
        ? [
            [name, key],
            [`${name}${FILE_SUFFIX}`, SECRET_FILE],
          ]
        : [[name, key]],
    ),
  )
}
