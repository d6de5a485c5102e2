import type { ServerResponse } from 'node:http'
import type { AuthError } from '../errors.js'

/** Answers with the refusal, before Koa is asked or in its stead, and ends the connection. */
export function endWithRefusal(res: ServerResponse, refusal: AuthError): void {
  res.writeHead(refusal.status, closingHeaders(refusal))
  res.end(refusal.body)
}

/** The headers of a refusal that ends its connection, where Koa does not answer. */
export const closingHeaders = ({ headers, body }: AuthError) => ({
  ...headers,
  'Content-Type': 'application/json; charset=utf-8',
  'Content-Length': Buffer.byteLength(body),
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close',
})
