import type { SecureContext } from 'node:tls'
import type { Dispatcher } from 'undici'
import { isLoopback } from '../../../http/loopback.js'
import { escaped, shown } from '../../../text/printable.js'
import type { Milliseconds } from '../../../time.js'
import { FetchFailure } from './fetch-failure.js'
import { endpointText } from './key-url.js'

/** Key sets have a few kilobytes. Reading ends here. */
const MAX_BYTES = 1_048_576

type Undici = typeof import('undici')

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
export async function fetchJson(
  url: string,
  options: FetchJsonOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const where = shown(endpointText(url))
  // Loaded by the first fetch only: where there is no provider, nobody needs it
  const undici = await import('undici')
  const ending = new AbortController()
  const end = () => ending.abort()
  const timer = setTimeout(end, options.timeout)
  options.signal.addEventListener('abort', end)
  if (options.signal.aborted) end()
  let dispatcher: Dispatcher | undefined
  try {
    dispatcher = createDispatcher(undici, url, options.trust)
    return parseObject(await getBytes(undici, url, where, dispatcher, ending.signal), where)
  } catch (error) {
    if (error instanceof FetchFailure) throw error
    if (ending.signal.aborted) {
      throw new FetchFailure('timeout', `${where} did not answer within ${options.timeout} ms`)
    }
    throw new FetchFailure('unreachable', `${where} cannot be reached: ${reasonOf(error)}`, error)
  } finally {
    clearTimeout(timer)
    options.signal.removeEventListener('abort', end)
    dispatcher?.destroy().catch(() => undefined)
  }
}

function createDispatcher(
  { Agent, EnvHttpProxyAgent }: Undici,
  url: string,
  trust: SecureContext | undefined,
): Dispatcher {
  // Whatever NODE_TLS_REJECT_UNAUTHORIZED says: who sends the keys decides who signs in
  const verified = { rejectUnauthorized: true }
  const tls = { ...verified, ...(trust && { secureContext: trust }) }
  const options = { pipelining: 0, connect: tls, requestTls: tls, proxyTls: verified }
  return isLoopback(new URL(url).hostname) ? new Agent(options) : new EnvHttpProxyAgent(options)
}

async function getBytes(
  { request }: Undici,
  url: string,
  where: string,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<Buffer> {
  const { statusCode, headers, body } = await request(url, {
    dispatcher,
    signal,
    headers: { accept: 'application/json, application/jwk-set+json' },
  })
  body.on('error', () => undefined)
  if (statusCode !== 200) {
    body.destroy()
    throw new FetchFailure('status', `${where} answers ${statusText(url, statusCode, headers)}`)
  }
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of body as AsyncIterable<Buffer>) {
    size += piece.length
    if (size > MAX_BYTES) {
      throw new FetchFailure('invalid', `${where} answers with more than ${MAX_BYTES} bytes`)
    }
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
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

function parseObject(bytes: Buffer, where: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new FetchFailure('invalid', `${where} does not answer with JSON`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FetchFailure('invalid', `${where} does not answer with a JSON object`)
  }
  return value as Readonly<Record<string, unknown>>
}

/** Connections that were tried at several addresses fail with an error that has no text of its own. */
function reasonOf(error: unknown): string {
  const { message = '', code = '' } = error as { message?: string; code?: string }
  const cause = (error as Error).cause
  if (message === '' && cause instanceof Error) return reasonOf(cause)
  return escaped((message || code || 'unknown error').slice(0, 200))
}
