import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { AuthError } from '../errors.js'
import type { Milliseconds } from '../time.js'
import { unknownMethod } from './request-line.js'

/** A connection as Node's HTTP server keeps it. Its own handler of such errors looks there too. */
type Connection = Duplex & {
  /** The answer whose turn it is. */
  _httpMessage?: ServerResponse | null
  /** With the request that was read last. */
  parser?: { incoming?: IncomingMessage | null } | null
  /** A TLS connection without a handshake: nothing can be said on it. */
  secureConnecting?: boolean
}

/** How long a client has to read the refusal and hang up. At once, and a reset might take the refusal along. */
const LINGER: Milliseconds = 1_000

/** Connections that end, for which every further piece is an error again. */
const ending = new WeakSet<Duplex>()

/**
 * Answers what Node's HTTP parser refuses, in the form of every other refusal, and ends the connection. Requests before
 * it are answered first; what comes behind it goes nowhere. For a server's `clientError` event.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  const connection: Connection = socket
  if (error.code === 'ECONNRESET' || connection.secureConnecting) {
    socket.destroy()
    return
  }
  if (ending.has(socket)) return
  ending.add(socket)
  const { incoming } = connection.parser ?? {}
  const broken = incoming?.complete === false ? incoming : undefined
  endInTurn(connection, broken, error.code)
}

/** @param broken the request whose body the error is in; undefined if it is in a head */
function endInTurn(
  socket: Connection,
  broken: IncomingMessage | undefined,
  code: string | undefined,
): void {
  const answer = socket._httpMessage
  if (!socket.writable) socket.destroy()
  else if (!answer) {
    // What is broken may have been answered before
    hangUp(socket, broken ? undefined : refusalOf(code))
  } else if (answer.req !== broken || answer.writableEnded) {
    answer.once('finish', () => endInTurn(socket, broken, code))
  } else if (answer.headersSent) {
    // Half written: another answer would end up in its middle
    socket.destroy()
  } else hangUp(socket, refusalOf(code))
}

/**
 * Ends our side; the connection goes when the client has ended its own. Node has let go of it already: a peer that never
 * does would keep it open for ever.
 */
function hangUp(socket: Duplex, refusal: AuthError | undefined): void {
  const cut = setTimeout(() => socket.destroy(), LINGER)
  socket.once('close', () => clearTimeout(cut))
  if (refusal) socket.end(textOf(refusal))
  else socket.end()
}

function textOf(refusal: AuthError): string {
  const { body } = refusal
  const headers = {
    ...refusal.headers,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${lines.join('')}\r\n${body}`
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
