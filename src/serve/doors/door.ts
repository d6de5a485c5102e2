import type { RequestListener } from 'node:http'
import type { Part } from '../../admin/administered.js'
import type { Explanation, Question } from '../../admin/explain-endpoint.js'
import type { Metrics } from '../../admin/metrics.js'
import type { Config } from '../../config/config.js'
import type { AuthError } from '../../errors.js'
import type { Logger } from '../../log/logger.js'
import type { AuditedChange, ChangeSource } from '../../middleware/audit-changes.js'
import type { DecisionListener } from '../../middleware/decision.js'
import type { OwnLogin } from '../../middleware/own-login.js'
import type { ListenOptions } from '../../server/listen.js'
import type { Accounts } from '../meta-node/accounts.js'

export type DoorName = 'kapacitor' | 'influxdb'

/** One API that is served: when it is open, how it listens, and what answers its requests. */
export interface Door {
  readonly name: DoorName

  /** For the operator: `Kapacitor API`. */
  readonly title: string

  /** Whether this configuration opens it. */
  isOpen(config: Config): boolean

  /** Whether its callers sign in. */
  needsLogin(config: Config): boolean

  /** Whether the login depends on a key, by its full name, because of this door. `auth.…` is known anyway. */
  isLoginKey(id: string): boolean

  /** Whether a change of a key takes effect only after a restart: where the door listens, whether it is open. */
  needsRestart(id: string, before: Config, after: Config): boolean

  /** How it listens. */
  listenOptions(config: Config): DoorListening

  /**
   * Makes what answers its requests; at each reload a new one.
   *
   * @throws AuthError `ERR_CONFIG_INVALID` if a file, a certificate or a directory that `config` names cannot be used;
   *   nothing is left open then
   */
  createApp(config: Config, parts: DoorParts): DoorApp
}

export type DoorListening = Pick<ListenOptions, 'address' | 'option' | 'limits' | 'tls' | 'prepare'>

/** What the doors of one configuration share. An app closes none of it. */
export interface DoorParts {
  readonly logger: Logger
  readonly metrics: Metrics

  /** Signs users in; undefined where no door needs it. */
  readonly login: OwnLogin | undefined

  /** The embedded meta node's store, where it runs in this process; without it `[auth] meta-addr` is asked. */
  readonly embedded: Pick<Accounts, 'store' | 'hasher'> | undefined

  /** Whether requests need an ID, since the audit log shows it. */
  readonly isAudited: boolean

  /** Hears of each decision: metrics and the audit log. */
  readonly onDecision: DecisionListener

  /** Hears of each change of users that a request makes: metrics and the audit log. */
  readonly onChange: (source: ChangeSource, change: AuditedChange) => void

  /** Hears when a query made, changed or dropped databases or retention policies of InfluxDB. */
  readonly onPolicyChange: () => void
}

/** What answers a door's requests, made of one configuration. */
export interface DoorApp {
  readonly handle: RequestListener

  /** For the operator: what stands behind the door. */
  readonly description: string

  /** May this user do this here, and why; or the error why that is not known. */
  explain(question: Question): Promise<Explanation | AuthError>

  /** Whether what stands behind the door can be reached, for readiness. @default there is nothing to be reached */
  readonly upstream?: (() => Promise<Part>) | undefined

  /** Opens its log files again, after somebody has renamed them. */
  reopenLogs(): Promise<void>

  /** Called when its last request has been answered. Requests that come all the same are refused (503). */
  close(): Promise<void>
}
