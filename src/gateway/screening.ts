import type { IncomingMessage } from 'node:http'
import type { Context, Next } from 'koa'
import { AuthError } from '../errors.js'
import { type DecisionListener, type Door, refusedUnasked } from '../middleware/decision.js'
import { type ErrorWriter, writeError } from '../middleware/error-response.js'
import { type RequestLine, readRequestLine } from '../middleware/request-line.js'

/** A name, an IPv4 address, or an IPv6 address in brackets; then perhaps a port (RFC 9112 §3.2, without user and escapes). */
const HOST = /^(?:[\w.~-]{1,255}|\[[\da-f:.]{2,45}\])(?::\d{0,5})?$/i

/** Node keeps this many names and values of a request's headers, and drops the rest silently. */
const MOST_HEADERS = 2000

/** What `screen` looks at. */
type Request = Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders' | 'httpVersion'>

/**
 * Reads what every server must read alike in a request: method and path, one `Host` (RFC 9112 §3.2) that is a host,
 * no `Upgrade` (§7.8 of RFC 9110), no transfer coding but chunked. What Node's parser refuses (two lengths, a length
 * beside a transfer coding, folded lines) never comes here. Where servers read headers differently, they may also
 * disagree on where the request ends: such a refusal ends the connection.
 *
 * @returns the refusal: `ERR_METHOD_UNKNOWN` (405), `ERR_REQUEST_AMBIGUOUS`, `ERR_REQUEST_INVALID` (400),
 *   `ERR_HEADERS_TOO_LARGE` (431)
 */
export function screen(request: Request): RequestLine | AuthError {
  const line = readRequestLine(request.method ?? '', request.url ?? '')
  return line instanceof AuthError ? line : (screenHeaders(request) ?? line)
}

function screenHeaders({ rawHeaders, httpVersion }: Request): AuthError | undefined {
  if (rawHeaders.length >= MOST_HEADERS) {
    return new AuthError('ERR_HEADERS_TOO_LARGE', 'too many request headers', CLOSE)
  }
  let host: string | undefined
  let isCoded = false
  for (let i = 0; i < rawHeaders.length; i += 2) {
    switch (nameOf(rawHeaders[i] as string)) {
      case 'host':
        if (host !== undefined) return ambiguous('more than one Host header')
        host = rawHeaders[i + 1] as string
        if (!HOST.test(host)) return invalid('malformed Host header')
        break
      case 'upgrade':
        return invalid('no protocol to upgrade to')
      case 'transfer-encoding':
        if (isCoded || (rawHeaders[i + 1] as string).toLowerCase() !== 'chunked') {
          return invalid('no transfer coding but chunked')
        }
        isCoded = true
    }
  }
  if (httpVersion === '1.0' || httpVersion === '0.9') {
    return isCoded ? invalid('transfer coding in HTTP/1.0') : undefined
  }
  return host === undefined ? invalid('Host header missing') : undefined
}

/** The name in lower case; undefined where its length alone rules it out. */
function nameOf(name: string): string | undefined {
  return name.length === 4 || name.length === 7 || name.length === 17
    ? name.toLowerCase()
    : undefined
}

const CLOSE = { headers: { Connection: 'close' } } as const
const invalid = (message: string) => new AuthError('ERR_REQUEST_INVALID', message, CLOSE)
const ambiguous = (message: string) => new AuthError('ERR_REQUEST_AMBIGUOUS', message, CLOSE)

export interface ScreeningOptions {
  /** Called with each refusal. @default not called */
  onDecision?: DecisionListener | undefined

  /** Whose API is asked, for `onDecision`. @default 'kapacitor' */
  door?: Door

  /** Answers with a refusal. @default as Kapacitor does */
  write?: ErrorWriter
}

/** Middleware that refuses, before credentials are looked at, what `screen` refuses. Mounted first. */
export function screening(options: ScreeningOptions = {}) {
  const { onDecision, door, write = writeError } = options
  return function screening(ctx: Context, next: Next): Promise<unknown> {
    const line = screen(ctx.req)
    if (!(line instanceof AuthError)) return next()
    onDecision?.(ctx, refusedUnasked(line, door))
    write(ctx, line)
    return DONE
  }
}

const DONE = Promise.resolve()
