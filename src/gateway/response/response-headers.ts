import { listedByConnection, withoutListed } from '../connections/connection-list.js'
import { HOP_BY_HOP } from '../request/header-kind.js'

/**
 * Headers of an answer that are not passed on: hop-by-hop ones (RFC 9110 §7.6.1); challenges, which no client could
 * answer, since credentials are not forwarded; and `Alt-Svc` (RFC 7838), which would lead around the gateway.
 */
const DROPPED: ReadonlySet<string> = new Set<string>([
  ...HOP_BY_HOP,
  'alt-svc',
  'authentication-info',
  'www-authenticate',
])

const CODINGS = /^(?:chunked|identity)$/i

/** What of an upstream's answer decides which headers are passed on. */
export interface AnswerHead {
  readonly rawHeaders: readonly string[]
  /** Whether a body can follow: neither to HEAD nor with 204 or 304. */
  readonly hasBody: boolean
  /** Whether the length is of no use: with 204 it is not allowed (RFC 9110 §8.6). */
  readonly dropsLength: boolean
  /** Whether the client understands chunked bodies, and with them trailers: not before HTTP/1.1. */
  readonly takesChunks: boolean
}

/**
 * The headers that the client gets, spelt and ordered as they came, names and values in turn. A `Location` on the
 * upstream's own origin is cut down to its path: the client would go there, past the gateway.
 *
 * @param origin the upstream's, such as `http://127.0.0.1:9192`
 * @throws Error for a transfer coding that Node does not take off: the body would be passed on without saying so
 */
export function responseHeaders(
  { rawHeaders, hasBody, dropsLength, takesChunks }: AnswerHead,
  origin: string,
): string[] {
  let headers: string[] = []
  let listed: Set<string> | undefined
  let length: string | undefined
  let trailer: string | undefined
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    const value = rawHeaders[i + 1] as string
    const lower = name.toLowerCase()
    switch (lower) {
      case 'connection':
        listed = listedByConnection(value, listed)
        break
      case 'content-length':
        length = value
        break
      case 'transfer-encoding':
        if (!CODINGS.test(value)) throw new Error(`transfer coding ${value}`)
        break
      case 'trailer':
        trailer = value
        break
      case 'location':
      case 'content-location':
        headers.push(name, withoutOrigin(value, origin))
        break
      default:
        if (!DROPPED.has(lower)) headers.push(name, value)
    }
  }
  if (listed !== undefined) headers = withoutListed(headers, listed)
  // Last: Node re-encodes a Content-Disposition that comes behind a Content-Length
  if (length !== undefined) {
    if (!dropsLength) headers.push('Content-Length', length)
  } else if (trailer !== undefined && hasBody && takesChunks) headers.push('Trailer', trailer)
  return headers
}

/** A path that no browser takes for another host. */
const PATH = /^\/(?![/\\])/

function withoutOrigin(location: string, origin: string): string {
  if (!location.startsWith(origin)) return location
  const path = location.slice(origin.length)
  return PATH.test(path) ? path : location
}
