import type { Administered } from '../admin/administered.js'
import type { Config } from '../config/config.js'
import type { DoorName } from './doors/door.js'

/** A door, for the operator. */
export interface ServedDoor {
  readonly name: DoorName
  /** `Kapacitor API`. */
  readonly title: string
  /** Where it listens. */
  readonly url: string
  /** What stands behind it. */
  readonly description: string
}

/** The processes that serve requests: this one, or several workers. */
export interface ServingProcesses {
  readonly doors: readonly ServedDoor[]
  /** Where the Kapacitor door listens. */
  readonly url: string
  readonly administered: Administered
  /**
   * Goes on with another configuration; requests in flight are finished with the old one.
   *
   * @throws AuthError `ERR_CONFIG_INVALID` if it cannot be used; everything stays as it was then
   */
  reload(config: Config): Promise<void>
  /**
   * Goes on with another configuration, of which only `[oidc]` differs: connections, logs and all that is remembered of
   * others stay.
   *
   * @throws AuthError `ERR_CONFIG_INVALID` if the provider's `ca` cannot be used; everything stays as it was then
   */
  useProvider(config: Config): Promise<void>
  /** Opens log files and certificates again. */
  reopen(): Promise<void>
  /** Takes no more requests, and finishes those in flight. */
  close(): Promise<void>
}
