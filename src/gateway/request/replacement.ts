/** What goes to the upstream in place of what the client sent, where a door has judged another text than that. */
export interface Replacement {
  /**
   * Path and query in origin-form (RFC 9112 §3.2.1), as they go out: encoded, without credentials.
   * @default the client's own, canonical and stripped
   */
  readonly target?: string

  /**
   * The body; what the client's headers say of its own is not forwarded. `none`: the client's is not forwarded, and need
   * not be read. Otherwise the door must have read it. @default the client's own
   */
  readonly body?: ReplacementBody | 'none'
}

export interface ReplacementBody {
  readonly bytes: Uint8Array
  /** Its `Content-Type`. */
  readonly type: string
}
