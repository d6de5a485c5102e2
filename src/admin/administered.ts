import type { AuthError } from '../errors.js'
import type { Explanation, Question } from './explain-endpoint.js'
import type { MetricsSnapshot } from './metrics.js'

/** Something that readiness depends on or shows: the meta node, the certificates, what is behind the gateway. */
export interface Part {
  readonly name: string
  readonly ready: boolean

  /** Whether the whole is not ready while this part is not; otherwise it is only shown. @default true */
  readonly required?: boolean

  /** Why not; or what else there is to know. No secrets. */
  readonly reason?: string
}

/** What is administered: one process that serves requests, or several. */
export interface Administered {
  readiness(): Promise<readonly Part[]>

  /**
   * In Prometheus' text format.
   *
   * @param others of other processes, or of other parts of this one, to be added up with these @default none
   */
  metrics(others?: readonly MetricsSnapshot[]): Promise<string>

  /** Forgets what is remembered of one user, or of all: the next request asks the directory. */
  purge(user?: string): Promise<void>

  /** May this user do this, and why; or the error why that is not known. */
  explain(question: Question): Promise<Explanation | AuthError>
}
