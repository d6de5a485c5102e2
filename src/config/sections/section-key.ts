import type { Kind } from '../kinds/kind.js'

/** A default that depends on the machine: a place in the data directory. */
export interface InDataDirectory {
  readonly inDataDirectory: string
}

/** A default that is a table, as Kapacitor's file has them: `{ _kapacitor: ['autogen'] }`. */
export type TableDefault = Readonly<Record<string, readonly string[]>>

/** One key of a section: the single source of what it is called, accepts, defaults to and means. */
export interface Key<T = unknown> {
  readonly kind: Kind<T>
  /** As it would stand in `kapacitor.conf`. */
  readonly default: boolean | number | string | InDataDirectory | TableDefault
  /** What it does, in sentences: for `kapacitor.conf.example`, the command line and the README. */
  readonly help: string
  /** Other names that it goes by in the environment. */
  readonly aliases: readonly string[]
}

/** One section of `kapacitor.conf`. */
export interface Section {
  /** What it is for, in a sentence or two. */
  readonly help: string
  readonly keys: Readonly<Record<string, Key>>
}

/** Whether a default depends on the machine. */
export function isInDataDirectory(standard: Key['default']): standard is InDataDirectory {
  return typeof standard === 'object' && typeof standard.inDataDirectory === 'string'
}

/** Writes a key down. @param aliases other names in the environment, none by default */
export function key<T>(
  kind: Kind<T>,
  standard: Key['default'],
  help: string,
  aliases: readonly string[] = [],
): Key<T> {
  return Object.freeze({ kind, default: standard, help, aliases })
}
