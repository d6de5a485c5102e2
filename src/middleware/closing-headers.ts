import type { AuthError } from '../errors.js'

/** The headers of a refusal that ends its connection, where Koa does not answer. */
export const closingHeaders = ({ headers, body }: AuthError) => ({
  ...headers,
  'Content-Type': 'application/json; charset=utf-8',
  'Content-Length': Buffer.byteLength(body),
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close',
})
