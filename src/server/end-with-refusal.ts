import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { AuthError } from '../errors.js'

/** Answers with the refusal, before Koa is asked or instead of it, and ends the connection. */
export function endWithRefusal(res: ServerResponse, refusal: AuthError): void {
  res.writeHead(refusal.status, closingHeaders(refusal))
  res.end(refusal.body)
}

/** The whole answer as text, for a connection on which Node's HTTP server cannot write. */
export function refusalText(refusal: AuthError): string {
  const { status, body } = refusal
  const headers = Object.entries(closingHeaders(refusal))
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`
}

const closingHeaders = ({ headers, body }: AuthError) => ({
  ...headers,
  'Content-Type': 'application/json; charset=utf-8',
  'Content-Length': Buffer.byteLength(body),
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close',
})
