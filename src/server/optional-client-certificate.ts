import type { Server } from 'node:https'
import type { TLSSocket } from 'node:tls'

/**
 * For a server that asks for client certificates, but serves without, too: ends the connections of those who show one
 * that the authority did not sign, or that is out of date. Node leaves that to the handler of the connection.
 */
export function refuseWrongCertificates(server: Server): void {
  // Before Node's own listener, which would read a request
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    if (!socket.authorized && socket.getPeerX509Certificate() !== undefined) socket.destroy()
  })
}
