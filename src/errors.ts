/** HTTP status by error code. The code is the contract; messages are for people and hold no secrets. */
const STATUS = {
  ERR_REQUEST_AMBIGUOUS: 400,
  ERR_REQUEST_INVALID: 400,
  ERR_CREDENTIALS_MISSING: 401,
  ERR_CREDENTIALS_REJECTED: 401,
  ERR_TOKEN_INVALID: 401,
  ERR_PRIVILEGE_MISSING: 403,
  ERR_NOT_FOUND: 404,
  ERR_METHOD_UNKNOWN: 405,
  ERR_REQUEST_TIMEOUT: 408,
  ERR_CONFLICT: 409,
  ERR_BODY_TOO_LARGE: 413,
  ERR_TOO_MANY_ATTEMPTS: 429,
  ERR_HEADERS_TOO_LARGE: 431,
  ERR_CONFIG_INVALID: 500,
  ERR_INTERNAL: 500,
  ERR_UPSTREAM_UNAVAILABLE: 502,
  ERR_META_INVALID: 503,
  ERR_META_UNAVAILABLE: 503,
  ERR_PROVIDER_UNAVAILABLE: 503,
  ERR_STORE_UNAVAILABLE: 503,
  ERR_BUSY: 503,
  ERR_UPSTREAM_TIMEOUT: 504,
} as const

/** What went wrong, for programs. Branch on this, never on the message. */
export type AuthErrorCode = keyof typeof STATUS

/** How long a client is asked to wait after a 503, in seconds (RFC 9110 §10.2.3). */
const RETRY_AFTER = '1'

/** What a 401 asks for (RFC 7617 §2); after a bad token for another one, too (RFC 6750 §3). */
const CHALLENGE = 'Basic realm="kapacitor", charset="UTF-8"'

export interface AuthErrorOptions {
  /** What caused it, for the operator's log; never shown to the caller. */
  cause?: unknown

  /** Response headers beside those that the status brings with it (challenge, `Retry-After`). */
  headers?: Readonly<Record<string, string>>

  /** The identity provider's subject that is refused, for the audit log. */
  subject?: ProvedSubject

  /** The own or subscription token that is refused, for the audit log. @default nothing is known of it */
  token?: RefusedToken | undefined

  /** Whether the answer is the message as plain text, as Kapacitor's write endpoint answers. @default false: it is JSON */
  isPlain?: boolean
}

/** Whose token an identity provider signed. */
export interface ProvedSubject {
  readonly issuer: string
  readonly subject: string
}

/** An own or subscription token that may not be used, and why. Nothing in it is secret; it is for logs, not for the caller. */
export interface RefusedToken {
  /** Undefined if there is no such token. */
  readonly id?: string
  readonly reason: TokenRefusalReason
}

/** `owner gone`: the user, who may have a namesake by now. `owner not listed`: the identity provider's subject. */
export type TokenRefusalReason =
  | 'unknown'
  | 'revoked'
  | 'expired'
  | 'owner gone'
  | 'owner not listed'

/**
 * The one error of this package. Koa's own error handling answers it correctly as it stands
 * (`status`, `expose` and `headers` travel with it); `errorResponse` answers it as Kapacitor does, in JSON.
 *
 * A message of a 4xx error, or of one that says "try again", is shown to the caller.
 */
export class AuthError extends Error {
  override readonly name = 'AuthError'
  readonly code: AuthErrorCode
  /** HTTP status code. */
  readonly status: number
  /** Whether the message may be shown to the caller. */
  readonly expose: boolean
  readonly headers: Readonly<Record<string, string>>
  /** The identity provider's subject that is refused; undefined for all others. */
  readonly subject: ProvedSubject | undefined
  /** The token that is refused; undefined for all others, and if nothing is known of it. */
  readonly token: RefusedToken | undefined
  readonly isPlain: boolean
  #body: string | undefined

  constructor(code: AuthErrorCode, message: string, options: AuthErrorOptions = {}) {
    const status = STATUS[code]
    // A refusal is an answer to a caller and nobody's mistake here: its stack would cost 8 of its 9 µs
    const { stackTraceLimit } = Error
    if (status < 500) Error.stackTraceLimit = 0
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    Error.stackTraceLimit = stackTraceLimit
    this.code = code
    this.status = status
    this.expose = this.status !== 500
    this.subject = options.subject
    this.token = options.token
    this.isPlain = options.isPlain ?? false
    const usual = code === 'ERR_TOKEN_INVALID' ? TOKEN_REFUSED : headersOf(status)
    this.headers = options.headers ? { ...usual, ...options.headers } : usual
  }

  /** The answer's body, as Kapacitor writes it: JSON, or one line of text. What is not for the caller's eyes stays in the operator's log. */
  get body(): string {
    const text = this.expose ? this.message : 'internal error'
    this.#body ??= this.isPlain ? `${text}\n` : JSON.stringify({ error: text })
    return this.#body
  }

  /** The body's media type. */
  get type(): string {
    return this.isPlain ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8'
  }
}

const NONE = Object.freeze({})
const UNAUTHORIZED = Object.freeze({ 'WWW-Authenticate': CHALLENGE })
const TOKEN_REFUSED = Object.freeze({
  'WWW-Authenticate': `${CHALLENGE}, Bearer realm="kapacitor", error="invalid_token"`,
})
const UNAVAILABLE = Object.freeze({ 'Retry-After': RETRY_AFTER })

function headersOf(status: number): Readonly<Record<string, string>> {
  if (status === 401) return UNAUTHORIZED
  if (status === 503) return UNAVAILABLE
  return NONE
}

/** What an error makes of what was to be done, for logs: a refusal is the caller's business, a failure the operator's. */
export function failureOf(error: unknown): {
  readonly outcome: 'refused' | 'failed'
  readonly code: AuthErrorCode
} {
  if (!(error instanceof AuthError)) return { outcome: 'failed', code: 'ERR_INTERNAL' }
  return { outcome: error.status < 500 ? 'refused' : 'failed', code: error.code }
}
