import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { AuthError } from '../errors.js'
import type { Milliseconds } from '../time.js'
import { cutOff } from './cut-off.js'
import { endWithRefusal } from './end-with-refusal.js'
import { isAwaitingContinue } from './expectation.js'

/** A connection as Node's HTTP server keeps it. */
type Connection = Socket & { _httpMessage?: ServerResponse | null }

/**
 * Has `server` end connections whose client keeps it waiting for `patience`: one that sends nothing of a body that is
 * being read is answered with 408, or cut off if the answer has begun; one that takes nothing of its answer is cut off.
 * A client that waits for us may do so for any time. Whatever moves, be it a byte, is progress.
 *
 * It is the connections' own timers that tell, which Node sets anew for each piece: nothing is done per request.
 *
 * @param isSecure whether it serves HTTPS
 * @returns `handle`, to be called for each request in its place
 */
export function limitPace(
  server: Server,
  isSecure: boolean,
  patience: Milliseconds,
  handle: RequestListener,
): RequestListener {
  const timeout = Math.max(1, Math.ceil(patience))
  // Node sets it again for each request after the first; paced does so for the first
  server.timeout = timeout
  // The time until a first request is what the server's headersTimeout is for
  server.on(isSecure ? 'secureConnection' : 'connection', (socket: Socket) => socket.setTimeout(0))
  server.on('timeout', (socket: Connection) => {
    const res = socket._httpMessage
    if (!res || socket.writableLength > 0) {
      socket.destroy()
      return
    }
    socket.setTimeout(timeout)
    if (!isBodyAwaited(res.req)) return
    const { bytesRead } = socket
    // What has come while this process was busy is read first
    setImmediate(() => {
      const isStill = socket._httpMessage === res && socket.bytesRead === bytesRead
      if (isStill && isBodyAwaited(res.req)) refuse(res)
    })
  })
  return function paced(req, res) {
    const { socket } = req
    if (!socket.timeout) socket.setTimeout(timeout)
    handle(req, res)
  }
}

/** Whether it is the client's turn: somebody reads, there is nothing to read, and the body is not over. */
function isBodyAwaited(req: IncomingMessage): boolean {
  if (req.complete || req.readableLength > 0 || isAwaitingContinue(req)) return false
  return req.readableFlowing === true || req.listenerCount('readable') > 0
}

function refuse(res: ServerResponse): void {
  if (res.headersSent) {
    cutOff(res)
    return
  }
  endWithRefusal(res, new AuthError('ERR_REQUEST_TIMEOUT', 'request body not received in time'))
}
