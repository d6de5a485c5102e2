import { AuthError, type AuthErrorCode } from '../../errors.js'

/** A failed try at a node. */
export interface FailedTry {
  readonly node: string
  /** Node's code (`ECONNREFUSED`), `HTTP 500`, or `HTTP 307` for a leader that is not listed. */
  readonly failure: string
  /** What the node said. */
  readonly text?: string | undefined
  /** The leader that it passed the request on to, and that is not listed. */
  readonly leader?: string | undefined
}

/** Why a command's request to the meta nodes failed; nothing in it holds a secret. */
export type MetaTrouble =
  /** No node took it: the last failure of each try, in order. */
  | {
      readonly kind: 'unreachable'
      readonly failures: readonly FailedTry[]
      /** Nodes that had a change, gave no answer, and may have made it. */
      readonly doubtful: readonly string[]
    }
  /** A node said no. */
  | {
      readonly kind: 'refused'
      readonly node: string
      readonly status: number
      /** What it said; undefined if nothing that can be shown. */
      readonly text: string | undefined
      /** Nodes that had the change before, gave no answer, and may have made it. */
      readonly doubtful: readonly string[]
    }
  /** A node gave an invalid answer. */
  | { readonly kind: 'invalid'; readonly node: string; readonly reason: string }

const TROUBLES = new WeakMap<object, MetaTrouble>()

/** An error with its trouble, to be shown with advice. */
export function troubled(code: AuthErrorCode, message: string, trouble: MetaTrouble): AuthError {
  const error = new AuthError(code, message)
  TROUBLES.set(error, trouble)
  return error
}

/** The trouble of such an error; undefined for any other. */
export function troubleOf(error: AuthError): MetaTrouble | undefined {
  return TROUBLES.get(error)
}
