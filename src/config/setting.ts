import type { SectionName } from './sections/sections.js'

/** One value that somebody gave for a key of ours, not yet checked. */
export interface Setting {
  readonly section: SectionName
  /** As in the table, or `…-file` of a secret. */
  readonly name: string
  readonly value: unknown
  /** Whether it is a text to be read (environment, command line) or has a type already. */
  readonly isText: boolean
  /** Where it was given, to be found again: `/etc/kapacitor/kapacitor.conf:12`, a variable, a flag. */
  readonly where: string
}

/** What one source gave, and what in it could not be used at all, a line each. */
export interface Layer {
  readonly settings: readonly Setting[]
  readonly problems: readonly string[]
  /** Whether nothing of it could be read, so that a key may be set there or not. @default false */
  readonly isLost?: boolean
  /** Users of the file of `[oidc]` who are administrators only because they have no `userGroups`. @default none */
  readonly impliedAdmins?: readonly ImpliedAdmin[]
}

/** An administrator whom nobody has called one. */
export interface ImpliedAdmin {
  readonly id: string
  /** `values.yaml:12` */
  readonly where: string
}
