import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { answerClientError, type RefusalListener } from './client-error.js'

/** As Node reports a method that it does not know. */
const UNKNOWN_METHOD = Object.assign(new Error('CONNECT'), { code: 'HPE_INVALID_METHOD' })

/**
 * Has `server` refuse to turn a connection into something else, and end it: CONNECT (RFC 9110 §9.3.6) with 405, as any
 * other method that is not supported; every `Upgrade` (§7.8) with 400. By itself Node ends the one without an answer, and
 * takes the other for an ordinary request, but drops what came along behind it: the connection would be out of step.
 *
 * @param onRefusal hears of it
 */
export function refuseConnect(server: Server, onRefusal?: RefusalListener): void {
  server.on('connect', (req, socket) => refuse(socket, UNKNOWN_METHOD, req, onRefusal))
  server.on('upgrade', (req, socket) => refuse(socket, new Error('Upgrade'), req, onRefusal))
}

/** Node has let go of the socket: whatever happens to it is ours. */
function refuse(
  socket: Duplex,
  error: Error,
  request: IncomingMessage,
  onRefusal: RefusalListener | undefined,
): void {
  socket.on('error', () => {})
  socket.on('finish', () => socket.destroy())
  socket.resume()
  answerClientError(error, socket, onRefusal, request)
}
