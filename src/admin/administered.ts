import type { AuthError } from '../errors.js'
import type { Explanation, Question } from './explain-endpoint.js'

/** Something that must work before requests are answered: the meta node, the certificates. */
export interface Part {
  readonly name: string
  readonly ready: boolean
  /** Why not; or what else there is to know. No secrets. */
  readonly reason?: string
}

/** What is administered: one process that serves requests, or several. */
export interface Administered {
  readiness(): Promise<readonly Part[]>

  /** In Prometheus' text format. */
  metrics(): Promise<string>

  /** Forgets what is remembered of one user, or of all: the next request asks the directory. */
  purge(user?: string): Promise<void>

  /** May this user do this, and why; or the error why that cannot be told. */
  explain(question: Question): Promise<Explanation | AuthError>
}
