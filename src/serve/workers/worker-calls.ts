import type { Part } from '../../admin/administered.js'
import type { Explanation, Question } from '../../admin/explain-endpoint.js'
import type { MetricsSnapshot } from '../../admin/metrics.js'
import type { ServedDoor } from '../serving-processes.js'

/** What a worker says when it can be called. */
export interface WorkerReady {
  readonly ready: true
}

/** What a worker calls in the primary process. */
export type PrimaryCalls = {
  /** A query made, changed or dropped databases or retention policies of InfluxDB. */
  policyChange(): void
}

/** What the primary process calls in a worker. Configurations are texts of `encodeConfig`. */
export type WorkerCalls = {
  /** The first call: opens the doors. */
  start(config: string): Promise<readonly ServedDoor[]>
  reload(config: string): Promise<void>
  /** Of which only `[oidc]` differs. */
  useProvider(config: string): Promise<void>
  reopen(): Promise<void>
  /** Answered at once, unless the process hangs. */
  ping(): void
  readiness(): Promise<readonly Part[]>
  snapshot(): Promise<MetricsSnapshot>
  purge(user: string | undefined): Promise<void>
  explain(question: Question): Promise<Explanation>
  /** Finishes the requests in flight; answered when that is done. */
  close(): Promise<void>
}
