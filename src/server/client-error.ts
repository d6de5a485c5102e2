import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { AuthError } from '../errors.js'
import type { Asked } from '../middleware/decision.js'
import { unknownMethod } from '../middleware/request-line.js'
import type { Milliseconds } from '../time.js'
import { refusalText } from './end-with-refusal.js'

/** Hears of a refusal, and what is known of the request. Must not throw. */
export type RefusalListener = (refusal: AuthError, asked: Asked) => void

/** A connection as Node's HTTP server keeps it. Its own handler of such errors looks there too. */
type Connection = Duplex & {
  remoteAddress?: string
  /** The answer whose turn it is. */
  _httpMessage?: ServerResponse | null
  /** With the request that was read last. */
  parser?: { incoming?: IncomingMessage | null } | null
  /** A TLS connection without a handshake: nothing can be answered on it. */
  secureConnecting?: boolean
}

/** How long a client has to read the refusal and hang up. At once, and a reset might take the refusal along. */
const LINGER: Milliseconds = 1_000

/** Connections that end, for which every further piece is an error again. */
const ending = new WeakSet<Duplex>()

/**
 * Answers what Node's HTTP parser refuses, in the form of every other refusal, and ends the connection. Requests before
 * it are answered first; what comes behind it goes nowhere. For a server's `clientError` event.
 *
 * @param onRefusal hears of it, once for a connection; not of connections that fail or end, nor of what was answered before
 * @param request the request, if it was read whole
 */
export function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  onRefusal?: RefusalListener,
  request?: IncomingMessage,
): void {
  const connection: Connection = socket
  if (error.code === 'ECONNRESET' || connection.secureConnecting) {
    socket.destroy()
    return
  }
  if (ending.has(socket)) return
  ending.add(socket)
  const { incoming } = connection.parser ?? {}
  const broken = incoming?.complete === false ? incoming : undefined
  const isRefused = error.code === undefined || REFUSED.test(error.code)
  if (isRefused && !(broken && isAnswered(broken, connection))) {
    onRefusal?.(refusalOf(error.code), askedOn(connection, request ?? broken))
  }
  endInTurn(connection, broken, error.code)
}

/** What the parser refuses, or the server for it. Other errors are the connection's own, as is that it ended too soon. */
const REFUSED = /^(?:HPE_(?!INVALID_EOF_STATE)|ERR_HTTP_)/

/** Whether the request whose body is broken has its answer: then that is what was decided. */
function isAnswered(broken: IncomingMessage, { _httpMessage: answer }: Connection): boolean {
  return !answer || (answer.req === broken && answer.writableEnded)
}

/** What is known of the request; if its head is broken, only its connection. */
function askedOn(socket: Connection, request: IncomingMessage | undefined): Asked {
  const answer = socket._httpMessage
  const id = answer && answer.req === request ? answer.getHeader('X-Request-Id') : undefined
  return {
    req: {
      socket,
      rawHeaders: request?.rawHeaders ?? [],
      method: request?.method,
      url: request?.url,
    },
    state: { requestId: typeof id === 'string' ? id : undefined },
  }
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
 * Ends our side; the connection closes when the client has ended its own. Node does not watch it any more: a client that
 * never does so would keep it open for ever.
 */
function hangUp(socket: Duplex, refusal: AuthError | undefined): void {
  const cut = setTimeout(() => socket.destroy(), LINGER)
  socket.once('close', () => clearTimeout(cut))
  if (refusal) socket.end(refusalText(refusal))
  else socket.end()
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
