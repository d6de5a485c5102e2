import type { IncomingMessage } from 'node:http'
import { AuthError } from '../../errors.js'
import { listedByConnection, withoutListed } from '../connections/connection-list.js'
import { encodeUser } from './forwarded-user.js'
import { headerKind } from './header-kind.js'
import type { ReplacementBody } from './replacement.js'

/** What the gateway itself knows about a request, and passes on to the upstream. */
export interface Sender {
  /** The name of the user, once known; '' or undefined if nobody signed in. */
  readonly user: string | undefined
  /** The request's id, if it was given one. */
  readonly requestId: string | undefined
  /** The address of the connection's other end. */
  readonly address: string | undefined
  /** Whether it is a trusted proxy, whose `X-Forwarded-…` headers are believed. */
  readonly isTrusted: boolean
  /** Whether it came over TLS. */
  readonly isSecure: boolean
}

export interface RequestHeadersOptions {
  /** The value of `Host`: the upstream's own. */
  readonly host: string
  /** Whether `Cookie` is forwarded. */
  readonly forwardCookies: boolean
}

/** The headers of a request to the upstream. */
export interface RequestHeaders {
  /** Names and values in turn, spelt and ordered as they came. */
  readonly headers: string[]
  /** Whether the client's body goes with it. */
  readonly hasBody: boolean
}

const LEADING_ZEROS = /^0+(?=\d)/

/** Methods of which a request without a body says so (RFC 9110 §8.6). */
const EXPECTS_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

/**
 * The headers that go to the upstream (RFC 9110 §7.6): those of the client which `headerKind` lets pass and no
 * `Connection` header lists; then ours, which nothing of the client's can take away.
 *
 * Ours: `Host`, `X-Forwarded-User` (as `encodeUser` writes it), `X-Request-Id`, `X-Forwarded-For` (the peer's address, behind what a
 * trusted proxy says), `X-Forwarded-Proto` and `X-Forwarded-Host` (a trusted proxy's, or our own view), and the length
 * or coding of the body. From others than trusted proxies all of these are dropped, and so are `Forwarded` and its
 * kin from everybody: only one form goes out.
 *
 * @param replaced the body that goes in place of the client's: length and type are its own
 * @returns the refusal (400) of a user name that cannot be written
 */
export function requestHeaders(
  { method, rawHeaders }: Pick<IncomingMessage, 'method' | 'rawHeaders'>,
  { user, requestId, address, isTrusted, isSecure }: Sender,
  { host, forwardCookies }: RequestHeadersOptions,
  replaced?: ReplacementBody | 'none',
): RequestHeaders | AuthError {
  let headers = ['Host', host]
  let listed: Set<string> | undefined
  let length: string | undefined
  let isChunked = false
  let trailer: string | undefined
  let forwardedFor: string | undefined
  let forwardedProto: string | undefined
  let forwardedHost: string | undefined
  let ownHost: string | undefined

  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    const value = rawHeaders[i + 1] as string
    switch (headerKind(name.toLowerCase())) {
      case 'pass':
        headers.push(name, value)
        break
      case 'cookie':
        if (forwardCookies) headers.push(name, value)
        break
      case 'connection':
        listed = listedByConnection(value, listed)
        break
      case 'content-length':
        length = value.replace(LEADING_ZEROS, '')
        break
      case 'transfer-encoding':
        isChunked = true
        break
      case 'trailer':
        trailer = join(trailer, value)
        break
      case 'host':
        ownHost = value
        break
      case 'x-forwarded-for':
        if (isTrusted) forwardedFor = join(forwardedFor, value)
        break
      case 'x-forwarded-proto':
        if (isTrusted) forwardedProto = join(forwardedProto, value)
        break
      case 'x-forwarded-host':
        if (isTrusted) forwardedHost = join(forwardedHost, value)
    }
  }

  if (listed !== undefined) headers = ['Host', host, ...withoutListed(headers.slice(2), listed)]
  if (user) {
    const encoded = encodeUser(user)
    if (encoded === undefined) return new AuthError('ERR_REQUEST_INVALID', 'malformed user name')
    headers.push('X-Forwarded-User', encoded)
  }
  if (requestId !== undefined) headers.push('X-Request-Id', requestId)
  forwardedFor = address === undefined ? forwardedFor : join(forwardedFor, address)
  if (forwardedFor !== undefined) headers.push('X-Forwarded-For', forwardedFor)
  headers.push('X-Forwarded-Proto', forwardedProto ?? (isSecure ? 'https' : 'http'))
  forwardedHost ??= ownHost
  if (forwardedHost !== undefined) headers.push('X-Forwarded-Host', forwardedHost)

  if (replaced !== undefined) {
    const kept = withoutListed(headers, OF_BODY)
    if (replaced === 'none') {
      if (EXPECTS_BODY.has(method ?? '')) kept.push('Content-Length', '0')
    } else
      kept.push('Content-Type', replaced.type, 'Content-Length', `${replaced.bytes.byteLength}`)
    return { headers: kept, hasBody: false }
  }
  // Last: Node re-encodes a Content-Disposition that comes behind a Content-Length
  if (isChunked) {
    if (trailer !== undefined) headers.push('Trailer', trailer)
    headers.push('Transfer-Encoding', 'chunked')
  } else if (length !== undefined) headers.push('Content-Length', length)
  else if (EXPECTS_BODY.has(method ?? '')) headers.push('Content-Length', '0')
  return { headers, hasBody: isChunked || (length !== undefined && length !== '0') }
}

/** What says how the client's body is to be read. */
const OF_BODY: ReadonlySet<string> = new Set([
  'content-type',
  'content-encoding',
  'content-language',
  'content-location',
  'content-range',
  'content-md5',
  'content-digest',
  'repr-digest',
  'digest',
])

/** Two fields of one name are one list (RFC 9110 §5.3). */
function join(list: string | undefined, value: string): string {
  return list === undefined ? value : `${list}, ${value}`
}
