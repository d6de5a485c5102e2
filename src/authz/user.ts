import type { Privilege } from './privilege.js'
import type { Resource } from './resource.js'

/** An authenticated caller with privileges. Frozen, and shared between requests. */
export interface User {
  readonly name: string
  /** May do everything, whatever the privileges say. Only when authentication is switched off. */
  readonly admin: boolean
  readonly privileges: ReadonlyMap<Resource, Privilege>
  /** Holds every permission cluster-wide: an administrator, as InfluxDB calls it. @default false */
  readonly isAdministrator?: boolean
}

/** The user of every request while authentication is switched off: may do everything, has no name. */
export const ANYONE: User = Object.freeze({
  name: '',
  admin: true,
  privileges: new Map(),
  isAdministrator: true,
})
