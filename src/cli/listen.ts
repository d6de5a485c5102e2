import { readFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { AuthError } from '../errors.js'
import { answerClientError } from '../middleware/client-error.js'
import type { Milliseconds } from '../time.js'

export interface ListenOptions {
  /** `host:port`; every address of the machine if the host is empty; any free port if the port is 0. */
  address: string

  /** The option that `address` comes from, for messages: `[http] bind-address`. */
  option: string

  /** Adds what the server needs beside its handler. @default nothing */
  prepare?: (server: Server, handle: RequestListener) => void

  /** PEM files, for HTTPS. */
  tls?: { certificate: string; key: string; clientCa?: string } | undefined
}

/** A server that listens. */
export interface Listening {
  /** `http://127.0.0.1:9092`. */
  readonly url: string

  /** Takes no more requests, lets those in flight finish, and cuts off what is left after `patience`. */
  close(patience: Milliseconds): Promise<void>
}

/** How often, while closing, connections that have become idle are ended. */
const SWEEP: Milliseconds = 50

/**
 * Serves `handle` on an address.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`, one line that names the option, if it cannot
 */
export async function listen(handle: RequestListener, options: ListenOptions): Promise<Listening> {
  const { address, option, tls } = options
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? []
  const server: Server = tls ? createSecureServer(tls, handle) : createServer(handle)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('clientError', answerClientError)
  options.prepare?.(server, handle)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const message = `cannot listen on ${address} (${option}): ${reasonOf(error)}`
      reject(new AuthError('ERR_CONFIG_INVALID', message, { cause: error }))
    })
    const bare = host.replace(/^\[(.*)\]$/, '$1')
    server.listen({ port: Number(port), ...(bare === '' ? {} : { host: bare }) }, resolve)
  })
  const bound = (server.address() as AddressInfo).port
  const shown = host === '' || host === '0.0.0.0' || host === '[::]' ? 'localhost' : host
  return {
    url: `${tls ? 'https' : 'http'}://${shown}:${bound}`,
    close: (patience) => close(server, sockets, patience),
  }
}

function close(
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

function createSecureServer(
  tls: NonNullable<ListenOptions['tls']>,
  handle: RequestListener,
): Server {
  const options = readTls(tls)
  try {
    return createTlsServer(options, handle)
  } catch (cause) {
    const message = `certificate ${tls.certificate} and key ${tls.key || tls.certificate} cannot be used: ${(cause as Error).message}`
    throw new AuthError('ERR_CONFIG_INVALID', message, { cause })
  }
}

function readTls({ certificate, key, clientCa }: NonNullable<ListenOptions['tls']>) {
  const read = (path: string) => {
    try {
      return readFileSync(path)
    } catch (cause) {
      const message = `cannot read ${path}: ${(cause as Error).message}`
      throw new AuthError('ERR_CONFIG_INVALID', message, { cause })
    }
  }
  const pem = {
    cert: read(certificate),
    key: read(key || certificate),
    minVersion: 'TLSv1.2' as const,
  }
  return clientCa
    ? { ...pem, ca: read(clientCa), requestCert: true, rejectUnauthorized: true }
    : pem
}

function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'another program listens there'
    case 'EACCES':
      return 'not permitted; ports below 1024 need privileges'
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine has no such address'
    default:
      return error.message
  }
}
