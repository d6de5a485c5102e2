import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Milliseconds } from '../time.js'

/** A connection as Node's HTTP server keeps it. */
type Connection = Socket & { parser?: { incoming?: IncomingMessage | null } | null }

/**
 * Discards what is left of a request's body once the request is answered. A client that is still sending may read the
 * answer only afterwards, and closing at once would reset the connection and lose the answer (RFC 9112 §9.6). So the rest
 * is read and dropped, for `patience`; then the connection is cut.
 */
export function endUnreadBody(
  req: IncomingMessage,
  res: ServerResponse,
  patience: Milliseconds,
): void {
  const { socket } = req
  socket.destroySoon = closeInOrder
  res.once('finish', () => {
    if (req.complete || socket.destroyed) return
    const cut = setTimeout(() => socket.destroy(), patience)
    const stop = () => clearTimeout(cut)
    socket.once('close', stop)
    req.once('end', () => {
      stop()
      socket.off('close', stop) // or a connection that is kept would gather one for each request
      if (socket.writableEnded) socket.destroySoon()
    })
    req.resume()
  })
}

/** How Node closes a connection after its last answer, but for a client that is still sending: then only our side is ended. */
function closeInOrder(this: Connection): void {
  const { incoming } = this.parser ?? {}
  if (incoming?.complete === false && !incoming.destroyed) this.end()
  else Socket.prototype.destroySoon.call(this)
}

/** Whether a request has a body, or says so. */
export function hasBody({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): boolean {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    // Told by their lengths first: this is done for every request
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (rawHeaders[i + 1] !== '0') return true
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') return true
  }
  return false
}
