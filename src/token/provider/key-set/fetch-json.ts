import type { SecureContext } from 'node:tls'
import { isLoopback } from '../../../http/loopback.js'
import { requestOnce, TOO_LONG, TOO_SLOW } from '../../../http/request-once.js'
import { isJsonObject, type JsonObject } from '../../../text/json-object.js'
import { escaped, shown } from '../../../text/printable.js'
import type { Milliseconds } from '../../../time.js'
import { FetchFailure } from './fetch-failure.js'
import { endpointText } from './key-url.js'

/** Key sets have a few kilobytes. Reading ends here. */
const MAX_BYTES = 1_048_576

export interface FetchJsonOptions {
  readonly trust: SecureContext | undefined
  /** For the whole of it, from the connection to the last byte. */
  readonly timeout: Milliseconds
  /** Ends it early. */
  readonly signal: AbortSignal
}

/**
 * Fetches a JSON object by GET, through the proxy that the environment names (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`;
 * none on loopback). Each time over a connection of its own: a server may close one that lies idle at any time.
 * Redirects are not followed, compressed answers are not asked for, and what is not 200 is not read.
 *
 * @throws FetchFailure
 */
export async function fetchJson(url: string, options: FetchJsonOptions): Promise<JsonObject> {
  const where = shown(endpointText(url))
  const { trust, timeout, signal } = options
  const mayUseProxy = !isLoopback(new URL(url).hostname)
  const { status, headers, body } = await requestOnce(url, {
    trust,
    proxyTrust: undefined,
    mayUseProxy,
    mostBytes: MAX_BYTES,
    timeout,
    signal,
    headers: { accept: 'application/json, application/jwk-set+json' },
    isRead: (code) => code === 200,
  }).catch((error) => {
    throw failureOf(error, where, timeout)
  })
  if (status !== 200) {
    throw new FetchFailure('status', `${where} answers ${statusText(url, status, headers)}`)
  }
  return parseObject(body, where)
}

function failureOf(error: unknown, where: string, timeout: Milliseconds): FetchFailure {
  switch ((error as { code?: unknown }).code) {
    case TOO_SLOW:
      return new FetchFailure('timeout', `${where} did not answer within ${timeout} ms`)
    case TOO_LONG:
      return new FetchFailure('invalid', `${where} answers with more than ${MAX_BYTES} bytes`)
    default:
      return new FetchFailure(
        'unreachable',
        `${where} cannot be reached: ${reasonOf(error)}`,
        error,
      )
  }
}

function statusText(
  url: string,
  status: number,
  { location }: Readonly<Record<string, string | string[] | undefined>>,
): string {
  if (status >= 300 && status < 400) {
    return `${status}: redirects are not followed (to ${shown(String(location))})`
  }
  if (status === 404 && new URL(url).pathname.includes('/auth/realms/')) {
    return '404: since version 17 Keycloak has no /auth before /realms'
  }
  return `${status}, not 200`
}

function parseObject(bytes: Buffer, where: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new FetchFailure('invalid', `${where} does not answer with JSON`)
  }
  if (isJsonObject(value)) return value
  throw new FetchFailure('invalid', `${where} does not answer with a JSON object`)
}

/** Connections that were tried at several addresses fail with an error that has no text of its own. */
function reasonOf(error: unknown): string {
  const { message = '', code = '' } = error as { message?: string; code?: string }
  const cause = (error as Error).cause
  if (message === '' && cause instanceof Error) return reasonOf(cause)
  return escaped((message || code || 'unknown error').slice(0, 200))
}
