import type { Administered } from '../admin/administered.js'
import type { Config } from '../config/config.js'

/** The processes that serve requests: this one, or several workers. */
export interface ServingProcesses {
  /** Where they listen. */
  readonly url: string
  /** For the operator: what is guarded. */
  readonly description: string
  readonly administered: Administered
  /**
   * Goes on with another configuration; requests in flight are finished with the old one.
   *
   * @throws AuthError `ERR_CONFIG_INVALID` if it cannot be used; everything stays as it was then
   */
  reload(config: Config): Promise<void>
  /** Opens log files and certificates anew. */
  reopen(): Promise<void>
  /** Takes no more requests, and finishes those in flight. */
  close(): Promise<void>
}
