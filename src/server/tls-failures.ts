import type { Server } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { AuthError } from '../errors.js'
import type { Milliseconds } from '../time.js'
import type { ReportFailure } from './connection-failures.js'
import { refusalText } from './end-with-refusal.js'

/** A TLS connection as Node keeps it: on top of the TCP connection. */
type Connection = TLSSocket & { readonly _parent?: Socket }

/** How long a client has to read the answer before the connection is destroyed. */
const LINGER: Milliseconds = 1_000

const REASONS: Readonly<Record<string, string>> = {
  ECONNRESET: 'the client closed the connection',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'not completed in time',
}

/**
 * Reports TLS handshakes that fail, with the client's address and the reason. A client that speaks plain HTTP gets 400,
 * as from Go's servers. Connections that are closed without a byte, as health checks do, are not reported.
 */
export function reportTlsFailures(server: Server, report: ReportFailure): void {
  const addresses = new WeakMap<Socket, string>()
  server.on('connection', (socket: Socket) => {
    // Later it may be gone
    if (socket.remoteAddress !== undefined) addresses.set(socket, socket.remoteAddress)
  })
  // Before the listener that ends the connection
  server.prependListener('tlsClientError', (error: NodeJS.ErrnoException, tls: Connection) => {
    const socket = tls._parent
    const client = socket && addresses.get(socket)
    const { code = error.message } = error
    if (code === 'ERR_SSL_HTTP_REQUEST') {
      report('plain_http', { client })
      if (socket) answerPlainHttp(socket)
    } else if (code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE') {
      report('client_certificate', { client, reason: 'none was sent' })
    } else if (tls.authorizationError) {
      report('client_certificate', { client, reason: String(tls.authorizationError) })
    } else if (code !== 'ECONNRESET' || socket === undefined || socket.bytesRead > 0) {
      report('handshake', { client, reason: REASONS[code] ?? code })
    }
  })
}

function answerPlainHttp(socket: Socket): void {
  const message = 'Client sent an HTTP request to an HTTPS server.'
  socket.end(refusalText(new AuthError('ERR_REQUEST_INVALID', message)))
  const cut = setTimeout(() => socket.destroy(), LINGER)
  socket.once('close', () => clearTimeout(cut))
}

/**
 * For a server that asks for client certificates, but serves clients without one, too: ends the connections of those that
 * show one which the CA did not sign, or which is out of date. Node leaves that to the handler of the connection.
 */
export function refuseWrongCertificates(server: Server, report: ReportFailure): void {
  // Before Node's own listener, which would read a request
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    if (socket.authorized || socket.getPeerX509Certificate() === undefined) return
    const reason = String(socket.authorizationError)
    report('client_certificate', { client: socket.remoteAddress, reason })
    socket.destroy()
  })
}
