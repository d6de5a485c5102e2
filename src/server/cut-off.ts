import type { ServerResponse } from 'node:http'

/**
 * Ends the connection in the middle of an answer, so that the client cannot take what it has for the whole: the last
 * chunk or the rest of the length is missing. To a client before HTTP/1.1 the end of the connection may be the end of
 * the body (RFC 9112 §6.3): it gets a reset.
 */
export function cutOff(res: ServerResponse): void {
  const { socket, req } = res
  if (socket !== null && req.httpVersionMinor === 0 && !('encrypted' in socket)) {
    socket.resetAndDestroy()
  }
  res.destroy()
}
