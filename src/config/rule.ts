import type { Config } from './config.js'
import type { KeyId } from './sections/sections.js'

/** Something to say about several keys together. */
export interface Rule {
  /** The keys that it is about; it is reported where the first of them was set that was set at all. */
  readonly about: readonly KeyId[]
  readonly isBroken: (config: Config) => boolean
  readonly says: string
}
