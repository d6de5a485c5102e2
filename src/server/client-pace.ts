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
 * A client that waits for its answer may do so for any time. Every byte counts as progress.
 *
 * The connections' own timers are used, which Node restarts at each piece: there is no work per request.
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
  // Node sets it for each request after the first, and paced for the first
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

/** Whether the client is being waited for: the body is being read, nothing has come, and it is not complete. */
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
