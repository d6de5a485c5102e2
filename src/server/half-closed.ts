import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Milliseconds } from '../time.js'

/** A setting of Node's HTTP server that its documentation does not list. */
type HalfOpenServer = Server & { httpAllowHalfOpen?: boolean }

/** A connection as Node's HTTP server keeps it. */
type Connection = Socket & { _httpMessage?: object | null }

/**
 * Has `server` answer clients that have ended their own side of the connection, as `nc -N` does, instead of hanging up on
 * them. Most clients that end it do not wait for an answer, though: they have given up. So the connection is cut once
 * nothing has been written to it for `patience`, and what was done for it upstream ends with it.
 *
 * Not for HTTPS: there a connection would have to be kept half open during the handshake, too, for each health check.
 */
export function allowHalfClosed(server: Server, patience: Milliseconds): void {
  ;(server as HalfOpenServer).httpAllowHalfOpen = true
  server.on('connection', (socket: Connection) => {
    socket.once('end', () => {
      if (socket._httpMessage) cutWhenQuiet(socket, patience)
    })
  })
}

function cutWhenQuiet(socket: Socket, patience: Milliseconds): void {
  let written = socket.bytesWritten
  const timer = setInterval(() => {
    if (socket.bytesWritten === written) socket.destroy()
    written = socket.bytesWritten
  }, patience)
  socket.once('close', () => clearInterval(timer))
}
