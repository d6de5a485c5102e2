import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Milliseconds } from '../time.js'

/** How often, while closing, connections that have become idle are ended. */
const SWEEP: Milliseconds = 50

/** The connections of a server that are open now, also those on which no TLS handshake is done yet. */
export function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

/** Takes no more connections, lets requests in flight finish, and destroys what is left after `patience`. */
export function closeServer(
  server: Server,
  sockets: ReadonlySet<Socket>,
  patience: Milliseconds,
): Promise<void> {
  return new Promise((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP)
    // Not closeAllConnections(), which knows nothing of TLS handshakes that never end
    const cut = setTimeout(() => {
      for (const socket of sockets) socket.destroy()
    }, patience)
    server.close(() => {
      clearInterval(sweep)
      clearTimeout(cut)
      resolve()
    })
  })
}
