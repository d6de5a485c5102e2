import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Waits until the answers to all earlier requests on the connection are sent. Node hands pipelined requests out
 * together; to the upstream they would go over several connections, and overtake each other (RFC 9112 §9.3.2).
 *
 * @returns at once, mostly: undefined. Otherwise a promise; it is also kept when the client goes away
 */
export function ownTurn(req: IncomingMessage, res: ServerResponse): Promise<void> | undefined {
  if (res.socket !== null) return undefined
  return new Promise((resolve) => {
    res.once('socket', () => resolve())
    req.once('close', () => {
      if (req.socket.destroyed) resolve()
    })
  })
}
