import type { IncomingMessage } from 'node:http'
import { AuthError } from '../../errors.js'
import type { UpstreamRequest } from '../connections/upstream.js'
import { screen } from '../screening.js'
import { forwardedTarget } from './forwarded-target.js'
import { type RequestHeadersOptions, requestHeaders, type Sender } from './request-headers.js'

/** A request as the upstream gets it, and whether the client's body goes with it. */
export interface ForwardedRequest extends UpstreamRequest {
  readonly hasBody: boolean
}

/**
 * What becomes of a client's request on its way to the upstream: its canonical path, encoded anew; its query without
 * credentials; the headers that `requestHeaders` makes.
 *
 * @returns the refusal: what `screen` refuses, and a query or a user's name that cannot be passed on (400)
 */
export function forwardedRequest(
  request: Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders' | 'httpVersion'>,
  sender: Sender,
  options: RequestHeadersOptions,
): ForwardedRequest | AuthError {
  const line = screen(request)
  if (line instanceof AuthError) return line
  const target = forwardedTarget(request.url ?? '', line.path)
  if (target === undefined) return new AuthError('ERR_REQUEST_AMBIGUOUS', 'ambiguous query')
  const made = requestHeaders(request, sender, options)
  if (made instanceof AuthError) return made
  return { method: request.method ?? '', target, headers: made.headers, hasBody: made.hasBody }
}
