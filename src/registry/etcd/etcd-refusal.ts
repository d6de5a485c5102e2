import { AuthError } from '../../errors.js'
import { EtcdFailure } from './etcd-failure.js'

/** The refusal of a request when etcd fails; the reason is for the operator's log. */
export function unavailable(message: string, cause: unknown): AuthError {
  if (cause instanceof AuthError) return cause
  return new AuthError('ERR_STORE_UNAVAILABLE', message, { cause })
}

const TOO_LARGE =
  'this change is larger than etcd takes at once (--max-request-bytes, 1.5 MiB unless set; --max-txn-ops, 128): make it in several parts'

/** The refusal of a change. If etcd was out of reach, it is not known whether the change was made. */
export function refusedChange(cause: unknown): AuthError {
  if (!(cause instanceof EtcdFailure))
    return unavailable('the registry cannot be written to', cause)
  switch (cause.kind) {
    case 'large':
      return new AuthError('ERR_REQUEST_INVALID', TOO_LARGE, { cause })
    case 'unreachable':
      return unavailable(UNKNOWN, cause)
    default:
      return unavailable('the registry cannot be written to', cause)
  }
}

/** The change may have been written, or may yet be. */
export const UNKNOWN = 'the registry does not answer: whether the change was made is not known'

/** What is said at the start, in one line that names the key of the configuration. */
export function refusedStart(cause: unknown, { endpoints, prefix, username }: Named): AuthError {
  if (!(cause instanceof EtcdFailure)) return unavailable('etcd cannot be used', cause)
  const at = endpoints.join(', ')
  const invalid = (message: string) => new AuthError('ERR_CONFIG_INVALID', message, { cause })
  switch (cause.kind) {
    case 'login':
    case 'token':
      return invalid(
        `[meta] etcd-username, etcd-password: ${loginMistake(cause.message, username)}`,
      )
    case 'denied':
      return invalid(
        `[meta] etcd-prefix: ${username ? `the etcd user ${username}` : 'this client'} may not read and write the keys that begin with ${prefix}`,
      )
    case 'foreign':
      return invalid(
        `[meta] etcd-endpoints: what answers at ${at} is not etcd 3 (${cause.message})`,
      )
    case 'unreachable': {
      const message = `[meta] etcd-endpoints: etcd 3 cannot be reached, or has no quorum: ${oneLine(cause.message)}${hint(cause.message)}`
      return new AuthError('ERR_STORE_UNAVAILABLE', message, { cause })
    }
    default:
      return unavailable(
        `[meta] etcd-endpoints: etcd at ${at} refuses: ${oneLine(cause.message)}`,
        cause,
      )
  }
}

interface Named {
  readonly endpoints: readonly string[]
  readonly prefix: string
  /** '' if nobody signs in. */
  readonly username: string
}

function loginMistake(says: string, username: string): string {
  if (/not enabled/.test(says)) {
    return 'this etcd asks nobody for credentials (etcdctl auth enable), so these would protect nothing'
  }
  if (username === '') return 'etcd asks for a user and a password'
  return `etcd does not accept the password of ${username}, or has no such user`
}

/** Where the mistake probably is. */
function hint(says: string): string {
  if (/wrong version number/.test(says)) return ' (it does not use TLS: [meta] etcd-use-tls)'
  if (/Protocol error|ECONNRESET|socket hang up/.test(says)) {
    return ' (another service, or one that uses TLS: [meta] etcd-use-tls)'
  }
  if (/alert/.test(says)) return ' (it asks for a certificate: [meta] etcd-cert, etcd-key)'
  return /certificate|altnames/i.test(says) ? ' ([meta] etcd-ca)' : ''
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
