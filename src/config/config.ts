import type { Key } from './sections/section-key.js'
import type { SECTIONS, SectionName } from './sections/sections.js'
import type { ImpliedAdmin } from './setting.js'

type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S

type ValueOf<K> = K extends Key<infer T> ? T : never

type Keys<S extends SectionName> = (typeof SECTIONS)[S]['keys']

/** One section's values, under camel case names: `meta-addr` is `metaAddr`. */
export type SectionConfig<S extends SectionName> = {
  readonly [K in keyof Keys<S> & string as CamelCase<K>]: ValueOf<Keys<S>[K]>
}

/**
 * The whole configuration: validated, frozen, plain data. Durations are milliseconds, secrets are
 * `Secret` or undefined, paths and texts that are not set are `''`.
 */
export interface Config {
  readonly http: SectionConfig<'http'>
  readonly auth: SectionConfig<'auth'>
  readonly oidc: SectionConfig<'oidc'>
  readonly gateway: SectionConfig<'gateway'>
  readonly meta: SectionConfig<'meta'>
  readonly admin: SectionConfig<'admin'>
  readonly audit: SectionConfig<'audit'>
  readonly logging: SectionConfig<'logging'>
  readonly sample: SectionConfig<'sample'>
  /** `[http]` of `influxdb.conf`. */
  readonly influxdb: SectionConfig<'influxdb'>
  /** The file that was read, as it was named; missing if there was none. */
  readonly file?: string
  /** The `influxdb.conf` that was read; missing if there was none. */
  readonly influxdbFile?: string
  /** Administrators in the file of `[oidc]` only because they have no `userGroups`; missing if there are none. */
  readonly impliedAdmins?: readonly ImpliedAdmin[]
  /** What is allowed but deserves the operator's attention, a sentence each; no secrets. */
  readonly warnings: readonly string[]
  /**
   * Where each value came from: `auth.bcrypt-cost` → `default`, `/etc/kapacitor/kapacitor.conf:12`,
   * `KAPACITOR_AUTH_BCRYPT_COST` or `--bcrypt-cost`.
   */
  readonly origins: ReadonlyMap<string, string>
}

/** `meta-addr` → `metaAddr`. */
export function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
