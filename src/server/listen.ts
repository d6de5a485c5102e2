import { createServer, type RequestListener, type Server } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { Logger } from '../log/logger.js'
import type { Milliseconds } from '../time.js'
import type { NamedCertificate } from '../tls/expiry.js'
import type { TlsFiles } from '../tls/server-tls-files.js'
import { createTlsReload, type TlsReload } from '../tls/tls-reload.js'
import type { WatchFilesOptions } from '../tls/watch-files.js'
import { bind, urlOf } from './bind.js'
import { answerClientError, type RefusalListener } from './client-error.js'
import { limitPace } from './client-pace.js'
import { closeServer, trackSockets } from './close-server.js'
import {
  type ConnectionFailureListener,
  createFailureReport,
  type ReportFailure,
} from './connection-failures.js'
import { allowHalfClosed } from './half-closed.js'
import { inTurn } from './in-turn.js'
import { requireHost } from './require-host.js'
import { nodeLimits, type ServerLimits, withDefaults } from './server-limits.js'
import { createTlsServer, loadServerTls, setTlsContext } from './tls-server.js'
import { endUnreadBody, hasBody } from './unread-body.js'
import { isOutOfDescriptors, watchDescriptors } from './watch-descriptors.js'

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

  /** Limits on clients. @default those of `ServerLimits` */
  limits?: ServerLimits | undefined

  /** Hears what the server itself refuses: malformed requests, those that do not come in time. @default nobody */
  onRefusal?: RefusalListener | undefined

  /** Hears of connections that come to nothing before there is a request on them. @default nobody */
  onConnectionFailure?: ConnectionFailureListener | undefined

  /** Where the operator reads about certificates and connections. @default nothing is logged */
  log?: Logger | undefined
}

/** A server that listens. */
export interface Listening {
  /** `http://127.0.0.1:9092`. */
  readonly url: string

  /**
   * Reads certificate, key and client CA now, at SIGHUP; nothing without HTTPS. What cannot be used is logged, and
   * what was used before stays. Never rejects.
   */
  reloadTls(): Promise<void>

  /** The certificate in use and the CAs of clients; none without HTTPS. */
  certificates(): readonly NamedCertificate[]

  /** Takes no more requests, lets those in flight finish, and cuts off what is left after `patience`. */
  close(patience: Milliseconds): Promise<void>
}

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
  const content = tls && (await loadServerTls(tls, section, log))
  const report = createFailureReport(log, options.onConnectionFailure)
  const settings = { ...nodeLimits(limits), requireHostHeader: false }
  const server =
    tls && content ? createTlsServer(settings, tls, content, report) : createServer(settings)
  const isSecure = content !== undefined
  // Node forgets what is above its usual number of headers, and a body's length with it; their bytes are counted anyway
  server.maxHeadersCount = 0
  if (limits.maxConnections > 0) limitConnections(server, limits.maxConnections, report)
  const sockets = trackSockets(server)
  if (!isSecure) allowHalfClosed(server, limits.halfClosedTimeout)
  server.on('clientError', (error, socket) => answerClientError(error, socket, options.onRefusal))
  const handleInTurn = limitPace(
    server,
    isSecure,
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
  server.on('error', (error: NodeJS.ErrnoException) => {
    if (isOutOfDescriptors(error)) report('file_descriptors', { address })
    else log?.error({ err: error }, `listening on ${address}`)
  })
  const unwatch = watchDescriptors(() => report('file_descriptors', { address }))
  const reload = tls && content && reloadOf(server as TlsServer, tls, section, content, options)
  return {
    url: urlOf(server, address, isSecure),
    reloadTls: async () => reload?.reload(),
    certificates: () => reload?.certificates() ?? [],
    close(patience) {
      unwatch()
      reload?.close()
      return closeServer(server, sockets, patience)
    },
  }
}

function reloadOf(
  server: TlsServer,
  files: TlsFiles,
  section: string,
  content: Awaited<ReturnType<typeof loadServerTls>>,
  { log, watch = {} }: ListenOptions,
): TlsReload {
  const use = (context: NonNullable<typeof content.context>) => setTlsContext(server, context)
  return createTlsReload({ files, section, content, use, log, watch })
}

function limitConnections(server: Server, max: number, report: ReportFailure): void {
  server.maxConnections = max
  server.on('drop', () => report('connection_limit', { max }))
}
