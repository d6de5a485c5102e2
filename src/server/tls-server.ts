import type { ServerOptions } from 'node:http'
import { createServer, type Server } from 'node:https'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { AuthError } from '../errors.js'
import type { Logger } from '../log/logger.js'
import { readTlsFiles, type TlsContent, type TlsFiles } from '../tls/server-tls-files.js'
import type { ReportFailure } from './connection-failures.js'
import { refuseWrongCertificates, reportTlsFailures } from './tls-failures.js'

/**
 * Reads a server's TLS files; warnings are logged.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`, a line for each file that cannot be used
 */
export async function loadServerTls(
  files: TlsFiles,
  section: string,
  log: Logger | undefined,
): Promise<TlsContent> {
  const content = await readTlsFiles(files, section)
  if (content.problems.length > 0) {
    throw new AuthError('ERR_CONFIG_INVALID', content.problems.join('\n'))
  }
  for (const warning of content.warnings) log?.warn({}, warning)
  return content
}

/** An HTTPS server for HTTP/1.1, which asks for client certificates if there is a CA for them. */
export function createTlsServer(
  settings: ServerOptions,
  { clientCa, clientCertificateOptional = false }: TlsFiles,
  { context = {} }: TlsContent,
  report: ReportFailure,
): Server {
  const server = createServer({
    ...settings,
    ...context,
    ALPNProtocols: ['http/1.1'],
    ...(clientCa && { requestCert: true, rejectUnauthorized: !clientCertificateOptional }),
  })
  setTlsContext(server, context)
  reportTlsFailures(server, report)
  if (clientCa && clientCertificateOptional) refuseWrongCertificates(server, report)
  return server
}

/** A TLS server as Node keeps it: what new connections use. */
type ContextServer = Server & { _sharedCreds?: SecureContext; sessionIdContext?: string }

/** Has new connections use certificate, key and client CAs from now on. */
export function setTlsContext(server: Server, context: SecureContextOptions): void {
  server.setSecureContext(context)
  // It leaves allowPartialTrustChain out (Node 20 to 24)
  const { sessionIdContext } = server as ContextServer
  const full = { ...context, honorCipherOrder: true, sessionIdContext }
  if (context.ca) (server as ContextServer)._sharedCreds = createSecureContext(full)
}
