import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { AuthError } from '../errors.js'
import type { Logger } from '../log/logger.js'
import type { Milliseconds } from '../time.js'
import { readTlsFiles, type TlsContent, type TlsFiles } from '../tls/server-tls-files.js'
import { createTlsReload, type TlsReload } from '../tls/tls-reload.js'
import type { WatchFilesOptions } from '../tls/watch-files.js'
import { answerClientError, type RefusalListener } from './client-error.js'
import { limitPace } from './client-pace.js'
import { inTurn } from './in-turn.js'
import { refuseWrongCertificates } from './optional-client-certificate.js'
import { requireHost } from './require-host.js'
import { nodeLimits, type ServerLimits, withDefaults } from './server-limits.js'
import { endUnreadBody, hasBody } from './unread-body.js'

export interface ListenOptions {
  /** `host:port`; every address of the machine if the host is empty; any free port if the port is 0. */
  address: string

  /** The option that `address` comes from, for messages: `[http] bind-address`. */
  option: string

  /** Adds what the server needs beside its handler. @default nothing */
  prepare?: (server: Server, handle: RequestListener, onRefusal?: RefusalListener) => void

  /** For HTTPS. */
  tls?: TlsFiles | undefined

  /** How changes of the TLS files are noticed; false: only by `reloadTls`. @default as `watchFiles` does */
  watch?: false | WatchFilesOptions | undefined

  /** What is borne from clients. @default those of `ServerLimits` */
  limits?: ServerLimits | undefined

  /** Hears what the server itself refuses: malformed requests, those that do not come in time. @default nobody */
  onRefusal?: RefusalListener | undefined

  /** Where the operator reads about certificates and connections. @default nobody is told */
  log?: Logger | undefined
}

/** A server that listens. */
export interface Listening {
  /** `http://127.0.0.1:9092`. */
  readonly url: string

  /**
   * Reads certificate, key and client authority now, at SIGHUP; nothing without HTTPS. What cannot be used is logged, and
   * what was used before stays. Never rejects.
   */
  reloadTls(): Promise<void>

  /** Takes no more requests, lets those in flight finish, and cuts off what is left after `patience`. */
  close(patience: Milliseconds): Promise<void>
}

/** How often, while closing, connections that have become idle are ended. */
const SWEEP: Milliseconds = 50

/**
 * Serves `handle` on an address: HTTP/1.1 and 1.0; HTTPS over TLS 1.2 and newer. Requests that are pipelined are handled
 * one after the other.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if it cannot; a line for the address, or for each TLS file, with its option
 */
export async function listen(handle: RequestListener, options: ListenOptions): Promise<Listening> {
  const { address, option, tls, log } = options
  const limits = withDefaults(options.limits ?? {})
  const section = option.slice(0, Math.max(option.lastIndexOf(' '), 0))
  const content = tls && (await checkedTls(tls, section, log))
  const settings = { ...nodeLimits(limits), ...content?.context, requireHostHeader: false }
  const server = content
    ? createTlsServer({ ...settings, ...HTTPS, ...clientCertificates(tls) })
    : createServer(settings)
  // Node forgets what is above its usual number of headers, and a body's length with it; their bytes are counted anyway
  server.maxHeadersCount = 0
  if (limits.maxConnections > 0) limitConnections(server, limits.maxConnections, log)
  if (tls?.clientCa && tls.clientCertificateOptional) refuseWrongCertificates(server as TlsServer)
  const sockets = trackSockets(server)
  server.on('clientError', (error, socket) => answerClientError(error, socket, options.onRefusal))
  const handleInTurn = limitPace(
    server,
    content !== undefined,
    limits.bodyTimeout,
    inTurn(requireHost(handle, options.onRefusal)),
  )
  const serve: RequestListener = (req, res) => {
    if (hasBody(req)) endUnreadBody(req, res, limits.unreadBodyTimeout)
    handleInTurn(req, res)
  }
  server.on('request', serve)
  options.prepare?.(server, serve, options.onRefusal)
  await bind(server, address, option)
  server.on('error', (error) => log?.error({ err: error }, `listening on ${address}`))
  const reload = tls && content && reloadOf(server as TlsServer, tls, section, content, options)
  return {
    url: urlOf(server, address, tls !== undefined),
    reloadTls: async () => reload?.reload(),
    close(patience) {
      reload?.close()
      return close(server, sockets, patience)
    },
  }
}

const HTTPS = { ALPNProtocols: ['http/1.1'] }

function clientCertificates({
  clientCa,
  clientCertificateOptional = false,
}: Partial<TlsFiles> = {}) {
  return clientCa ? { requestCert: true, rejectUnauthorized: !clientCertificateOptional } : {}
}

async function checkedTls(
  tls: TlsFiles,
  section: string,
  log: Logger | undefined,
): Promise<TlsContent> {
  const content = await readTlsFiles(tls, section)
  if (content.problems.length > 0) {
    throw new AuthError('ERR_CONFIG_INVALID', content.problems.join('\n'))
  }
  for (const warning of content.warnings) log?.warn({}, warning)
  return content
}

function reloadOf(
  server: TlsServer,
  files: TlsFiles,
  section: string,
  content: TlsContent,
  { log, watch = {} }: ListenOptions,
): TlsReload {
  const use = server.setSecureContext.bind(server)
  return createTlsReload({ files, section, content, use, log, watch })
}

/** How often it is logged, at the most, that there are too many connections. */
const DROP_LOG: Milliseconds = 60_000

function limitConnections(server: Server, max: number, log: Logger | undefined): void {
  server.maxConnections = max
  let logged = Number.NEGATIVE_INFINITY
  server.on('drop', () => {
    const now = performance.now()
    if (now - logged < DROP_LOG) return
    logged = now
    log?.warn({ max }, 'too many connections: more are closed at once (max-connection-limit)')
  })
}

function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

function bind(server: Server, address: string, option: string): Promise<void> {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? []
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  return new Promise<void>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => {
      const message = `cannot listen on ${address} (${option}): ${reasonOf(error)}`
      reject(new AuthError('ERR_CONFIG_INVALID', message, { cause: error }))
    }
    server.once('error', fail)
    server.listen({ port: Number(port), ...(bare === '' ? {} : { host: bare }) }, () => {
      server.off('error', fail)
      resolve()
    })
  })
}

function urlOf(server: Server, address: string, isSecure: boolean): string {
  const host = address.slice(0, address.lastIndexOf(':'))
  const shown = host === '' || host === '0.0.0.0' || host === '[::]' ? 'localhost' : host
  return `${isSecure ? 'https' : 'http'}://${shown}:${(server.address() as AddressInfo).port}`
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
