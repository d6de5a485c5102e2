import type { ServerResponse } from 'node:http'
import type { AuthError } from '../errors.js'
import { closingHeaders } from '../middleware/closing-headers.js'

/** Answers with the refusal, before Koa is asked or in its stead, and ends the connection. */
export function endWithRefusal(res: ServerResponse, refusal: AuthError): void {
  res.writeHead(refusal.status, closingHeaders(refusal))
  res.end(refusal.body)
}
