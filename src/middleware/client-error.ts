import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { AuthError } from '../errors.js'
import { errorBody } from './error-response.js'
import { unknownMethod } from './request-line.js'

/**
 * Answers what Node's HTTP parser refuses, in the form of every other refusal. For a server's `clientError` event.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket) || isMute(socket)) {
    socket.destroy()
    return
  }
  const refusal = refusalOf(error.code)
  const body = errorBody(refusal)
  const headers = {
    ...refusal.headers,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  // Node has let go of this connection already: a peer that never closes it would keep it open for ever
  socket.end(
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${lines.join('')}\r\n${body}`,
    () => socket.destroy(),
  )
}

/** A TLS connection without a handshake: nothing can be said on it. */
const isMute = (socket: Duplex & { secureConnecting?: boolean }) => socket.secureConnecting === true

/** Whether an answer is half written, so that another would end up in its middle. Node's own handler looks there too. */
function isAnswering(socket: Duplex & { _httpMessage?: ServerResponse | null }): boolean {
  const answer = socket._httpMessage
  return answer?.headersSent === true && !answer.writableEnded
}

function refusalOf(code: string | undefined): AuthError {
  switch (code) {
    case 'HPE_INVALID_METHOD':
      return unknownMethod()
    case 'HPE_HEADER_OVERFLOW':
      return new AuthError('ERR_HEADERS_TOO_LARGE', 'request headers too large')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new AuthError('ERR_REQUEST_TIMEOUT', 'request not received in time')
    default:
      return new AuthError('ERR_REQUEST_INVALID', 'malformed request')
  }
}
