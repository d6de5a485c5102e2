import type { IncomingMessage } from 'node:http'
import { AuthError } from '../../errors.js'
import type { UpstreamRequest } from '../connections/upstream.js'
import { screen } from '../screening.js'
import { forwardedTarget } from './forwarded-target.js'
import type { Replacement } from './replacement.js'
import { type RequestHeadersOptions, requestHeaders, type Sender } from './request-headers.js'

/** A request as the upstream gets it, and whether the client's body goes with it. */
export interface ForwardedRequest extends UpstreamRequest {
  readonly hasBody: boolean
  /** The canonical path that was asked for. */
  readonly path: string
  /** What goes in place of the client's body, whole. */
  readonly body?: Uint8Array | undefined
}

/**
 * What becomes of a client's request on its way to the upstream: its canonical path, encoded anew; its query without
 * credentials; the headers that `requestHeaders` makes.
 *
 * @param replaced what of it is not the client's any more
 * @returns the refusal: what `screen` refuses, and a query or a user's name that cannot be passed on (400)
 */
export function forwardedRequest(
  request: Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders' | 'httpVersion'>,
  sender: Sender,
  options: RequestHeadersOptions,
  replaced: Replacement = {},
): ForwardedRequest | AuthError {
  const line = screen(request)
  if (line instanceof AuthError) return line
  const target = replaced.target ?? forwardedTarget(request.url ?? '', line.path)
  if (target === undefined) return new AuthError('ERR_REQUEST_AMBIGUOUS', 'ambiguous query')
  const made = requestHeaders(request, sender, options, replaced.body)
  if (made instanceof AuthError) return made
  const body = typeof replaced.body === 'object' ? replaced.body.bytes : undefined
  return { method: request.method ?? '', target, path: line.path, ...made, body }
}
