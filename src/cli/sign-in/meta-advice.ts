import type { AuthError } from '../../errors.js'
import { type FailedTry, type MetaTrouble, troubleOf } from '../../meta-client/wire/trouble.js'
import { formatDuration, type Milliseconds } from '../../time.js'

export interface AdviceContext {
  /** As whom the node was asked; undefined if it was not. */
  readonly signIn: string | undefined
  /** Of one request. */
  readonly timeout: Milliseconds
}

/** What went wrong and what to do about it, in one line for each node. */
export function adviceOn(error: AuthError, context: AdviceContext): string {
  const trouble = troubleOf(error)
  return trouble ? textOf(trouble, context) : error.message
}

function textOf(trouble: MetaTrouble, context: AdviceContext): string {
  switch (trouble.kind) {
    case 'unreachable':
      return unreachableText(trouble, context)
    case 'invalid':
      return `${trouble.node} is no meta node, or a broken one: ${trouble.reason}`
    case 'refused':
      return refusalText(trouble, context)
  }
}

function unreachableText(
  { failures, doubtful }: Extract<MetaTrouble, { kind: 'unreachable' }>,
  context: AdviceContext,
): string {
  const lines = failures.map((failed) => failureText(failed, context))
  if (doubtful.length > 0)
    lines.push(`${doubtful.join(', ')} may have done it all the same: look with show`)
  return lines.join('\n')
}

function refusalText(
  { node, status, text, doubtful }: Extract<MetaTrouble, { kind: 'refused' }>,
  { signIn = 'as nobody' }: AdviceContext,
): string {
  const says = text ?? `${node} answered HTTP ${status}`
  if (status === 401) {
    const advice = signIn === 'as nobody' ? '; use --username or --token-file' : ''
    return `${says}: ${node} was asked ${signIn}${advice}`
  }
  if (status === 403) return `${says} (signed in ${signIn})`
  if (status >= 300 && status < 400) {
    return `${node} is no meta node: it passes the request on elsewhere (HTTP ${status})`
  }
  if (text === undefined) return `${says}: is it a meta node?`
  if (text.includes('HTTPS server')) return `${node} speaks TLS only: use --meta-use-tls`
  if (doubtful.length === 0) return text
  return `${text}; ${doubtful.join(', ')} had the request before, gave no answer, and may have done it: look with show`
}

/** Advice by code; the code stands behind it. */
const ADVICE: readonly (readonly [RegExp, (failed: FailedTry, timeout: Milliseconds) => string])[] =
  [
    [/^ECONNREFUSED$/, () => 'nothing listens there; name the meta nodes with --meta-addr'],
    [/^(?:ENOTFOUND|EAI_\w+)$/, () => 'there is no such host; see --meta-addr'],
    [/^(?:EHOSTUNREACH|ENETUNREACH)$/, () => 'there is no way there; see --meta-addr'],
    [/^ERR_CONNECT_TIMEOUT$/, () => 'no connection in time; see --meta-addr'],
    [
      /^ETIMEDOUT$/,
      (_, timeout) => `no answer in ${formatDuration(timeout)}; --timeout waits longer`,
    ],
    [/^CERT_HAS_EXPIRED$/, () => 'its certificate has expired'],
    [
      /^ERR_TLS_CERT_ALTNAME_INVALID$/,
      () => 'its certificate is for another name; use that one in --meta-addr',
    ],
    [
      /SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED/,
      () =>
        'its certificate is signed by nobody who is trusted here; name the authority, or the certificate ' +
        'itself if it is self-signed, with --meta-ca ([auth] meta-ca)',
    ],
    [
      /^ERR_SSL_\w*(?:CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA)$/,
      () => 'it wants to see another certificate of ours; see --meta-cert and --meta-key',
    ],
    [/^(?:EPROTO|ERR_SSL_\w+)$/, () => 'it does not speak TLS as we do; is it without TLS?'],
    [
      /^(?:ECONNRESET|EPIPE|HPE_\w+)$/,
      ({ node }) =>
        node.startsWith('http:')
          ? 'it ended the connection; does it speak TLS only (--meta-use-tls)?'
          : 'it ended the connection; does it want a certificate (--meta-cert, --meta-key)?',
    ],
    [
      /^HTTP 307$/,
      ({ leader }) =>
        leader === undefined
          ? 'it names no leader that can be asked'
          : `it passes the request on to its leader ${leader}, who is not listed and gets no credentials; list it in --meta-addr`,
    ],
    [/^HTTP \d+$/, ({ text }) => text ?? 'it cannot answer'],
  ]

function failureText(failed: FailedTry, { timeout }: AdviceContext): string {
  const { node, failure } = failed
  const advice = ADVICE.find(([pattern]) => pattern.test(failure))?.[1](failed, timeout)
  return advice === undefined
    ? `meta node ${node}: ${failure}`
    : `meta node ${node}: ${advice} (${failure})`
}
