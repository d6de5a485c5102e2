import { limitRepeats } from '../log/limit-repeats.js'
import type { Logger } from '../log/logger.js'

/**
 * Why a connection came to nothing before there was a request on it: the TLS handshake failed, the client's certificate
 * was refused or missing, HTTP was spoken where HTTPS is, there were too many connections, or no file descriptor was left.
 */
export type ConnectionFailure =
  | 'handshake'
  | 'client_certificate'
  | 'plain_http'
  | 'connection_limit'
  | 'file_descriptors'

/** Called for each connection that failed before a request. Must not throw. */
export type ConnectionFailureListener = (failure: ConnectionFailure) => void

const MESSAGES: Readonly<Record<ConnectionFailure, string>> = {
  handshake: 'TLS handshake failed',
  client_certificate: 'client certificate refused',
  plain_http: 'plain HTTP on the HTTPS port, answered with 400',
  connection_limit: 'too many connections (max-connection-limit), new ones are closed',
  file_descriptors:
    'out of file descriptors, new connections are closed: raise the limit (LimitNOFILE= of systemd, ulimit -n)',
}

/** What is known of it, for the log: the client's address, the reason. */
export type FailureFields = Readonly<Record<string, string | number | undefined>>

export type ReportFailure = (failure: ConnectionFailure, fields: FailureFields) => void

/**
 * Reports connections that came to nothing: each is counted, and logged in one line; repetitions of the same reason are
 * one line a minute with a count.
 */
export function createFailureReport(
  log: Logger | undefined,
  listener: ConnectionFailureListener = () => {},
): ReportFailure {
  const limited =
    log &&
    limitRepeats(log, {
      keyOf: (_level, fields, message) => `${message} ${(fields as FailureFields).reason}`,
    })
  return function report(failure, fields) {
    listener(failure)
    limited?.warn(fields, MESSAGES[failure])
  }
}
