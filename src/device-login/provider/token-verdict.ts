import { parseJsonObject } from '../../text/json-object.js'
import type { Milliseconds } from '../../time.js'
import { endedText, failureText } from './advice.js'
import { secondsField, textField } from './answer-fields.js'
import type { Asked } from './asked.js'
import type { ProviderAnswer, ProviderFailure } from './provider-http.js'
import type { TokenSet } from './token-set.js'

/** What an answer of the token endpoint means (RFC 6749 §5, RFC 8628 §3.5). */
export type TokenVerdict =
  | { readonly kind: 'tokens'; readonly tokens: TokenSet }
  /** The person has not finished in the browser. */
  | { readonly kind: 'pending' }
  /** Likewise, and we ask too often. */
  | { readonly kind: 'slow-down' }
  /** No word of the provider's: a proxy, or a disturbance that may pass. */
  | { readonly kind: 'trouble'; readonly says: string }
  /** It will not give tokens for this. `error` is the provider's code, if there is one. */
  | { readonly kind: 'ended'; readonly error: string | undefined; readonly says: string }

/** Errors that pass (RFC 6749 §4.1.2.1). */
const PASSING: readonly string[] = ['server_error', 'temporarily_unavailable']

/** @param now milliseconds since the epoch, when the answer came */
export function tokenVerdict(
  answer: ProviderAnswer | ProviderFailure,
  asked: Asked,
  now: Milliseconds,
): TokenVerdict {
  if ('failure' in answer) {
    return { kind: 'trouble', says: failureText(answer.failure, asked) }
  }
  const { status, body } = answer
  const object = parseJsonObject(body)
  if (status === 200 && object) return successVerdict(object, asked, now)
  const error = object && textField(object, 'error', 64)
  if (error === 'authorization_pending') return { kind: 'pending' }
  if (error === 'slow_down') return { kind: 'slow-down' }
  if (isPassing(answer, error, object !== undefined)) {
    return { kind: 'trouble', says: `${asked.host} answered HTTP ${status}` }
  }
  return { kind: 'ended', error, says: endedText(answer, asked) }
}

/** Proxies say 408, 429 and 5xx, and pages in HTML with any status; a 404 is more likely a wrong URL. */
function isPassing(
  { status, body }: ProviderAnswer,
  error: string | undefined,
  isJson: boolean,
): boolean {
  if (error !== undefined) return PASSING.includes(error)
  if (status === 408 || status === 429 || status >= 500 || status < 300) return true
  const isPage = !isJson && body.trim() !== ''
  return isPage && status >= 400 && status !== 404 && status !== 405
}

function successVerdict(
  object: Readonly<Record<string, unknown>>,
  asked: Asked,
  now: Milliseconds,
): TokenVerdict {
  const accessToken = textField(object, 'access_token')
  const type = textField(object, 'token_type')
  const ended = (says: string) => ({ kind: 'ended', error: undefined, says }) as const
  if (accessToken === undefined) return ended(`${asked.host} gave no access token`)
  if (type?.toLowerCase() !== 'bearer') {
    return ended(`${asked.host} gave a token that is not a bearer token`)
  }
  const lifetime = secondsField(object, 'expires_in')
  return {
    kind: 'tokens',
    tokens: {
      accessToken,
      idToken: textField(object, 'id_token'),
      refreshToken: textField(object, 'refresh_token'),
      accessExpiresAt: lifetime === undefined ? undefined : now + lifetime * 1000,
    },
  }
}

/** How long a provider asks to wait (RFC 9110 §10.2.3): seconds, or a date. */
export function retryAfter(answer: ProviderAnswer | ProviderFailure, now: Milliseconds): number {
  const text = 'failure' in answer ? '' : (answer.retryAfter ?? '')
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? 0 : Math.max(0, date - now)
}
