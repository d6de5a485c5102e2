import type { AuthError } from '../../errors.js'
import { type FailedTry, type MetaTrouble, troubleOf } from '../../meta-client/wire/trouble.js'
import { formatDuration, type Milliseconds } from '../../time.js'

export interface AdviceContext {
  /** Which credentials the node got, in words; undefined if none. */
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
      return `${trouble.node} is not a meta node, or is broken: ${trouble.reason}`
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
    lines.push(`${doubtful.join(', ')} may have made the change: check with show`)
  return lines.join('\n')
}

/** For somebody without credentials. */
const HOW = 'use --username or --token-file, or sign in with kapacitor-auth auth login'

function refusalText(
  { node, status, text, doubtful }: Extract<MetaTrouble, { kind: 'refused' }>,
  { signIn = 'without credentials' }: AdviceContext,
): string {
  const says = text ?? `${node} answered HTTP ${status}`
  if (status === 401) {
    const advice = signIn === 'without credentials' ? `; ${HOW}` : ''
    return `${says}: ${node} was asked ${signIn}${advice}`
  }
  if (status === 403) return `${says}: ${node} was asked ${signIn}`
  if (status >= 300 && status < 400) {
    return `${node} is not a meta node: it redirects the request (HTTP ${status})`
  }
  if (text === undefined) return `${says}: is it a meta node?`
  if (text.includes('HTTPS server')) return `${node} serves TLS only: use --meta-use-tls`
  if (doubtful.length === 0) return inWords(text)
  return `${inWords(text)}; ${doubtful.join(', ')} received the request earlier, gave no answer, and may have made the change: check with show`
}

/** What a meta node's word on the field "name" of its API begins with. */
const ON_NAME = '"name" '

/** On the command line nothing is called "name". */
const inWords = (text: string) =>
  text.startsWith(ON_NAME) ? `the name ${text.slice(ON_NAME.length)}` : text

/** Advice by code; the code stands behind it. */
const ADVICE: readonly (readonly [RegExp, (failed: FailedTry, timeout: Milliseconds) => string])[] =
  [
    [/^ECONNREFUSED$/, () => 'nothing listens there; name the meta nodes with --meta-addr'],
    [/^(?:ENOTFOUND|EAI_\w+)$/, () => 'unknown host; check --meta-addr'],
    [/^(?:EHOSTUNREACH|ENETUNREACH)$/, () => 'no route to this host; check --meta-addr'],
    [/^ERR_CONNECT_TIMEOUT$/, () => 'connecting took too long; check --meta-addr'],
    [
      /^ETIMEDOUT$/,
      (_, timeout) => `no answer in ${formatDuration(timeout)}; --timeout sets how long to wait`,
    ],
    [/^CERT_HAS_EXPIRED$/, () => 'its certificate has expired'],
    [
      /^ERR_TLS_CERT_ALTNAME_INVALID$/,
      () => 'its certificate is for another name; use that name in --meta-addr',
    ],
    [
      /SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED/,
      () =>
        'its certificate is not signed by a CA trusted here; name the CA, or the certificate ' +
        'itself if it is self-signed, with --meta-ca ([auth] meta-ca)',
    ],
    [
      /^ERR_SSL_\w*(?:CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA)$/,
      () => 'it did not accept our client certificate; check --meta-cert and --meta-key',
    ],
    [/^(?:EPROTO|ERR_SSL_\w+)$/, () => 'the TLS handshake failed; does it serve without TLS?'],
    [
      /^(?:ECONNRESET|EPIPE|HPE_\w+)$/,
      ({ node }) =>
        node.startsWith('http:')
          ? 'it closed the connection; does it serve TLS only (--meta-use-tls)?'
          : 'it closed the connection; does it require a client certificate (--meta-cert, --meta-key)?',
    ],
    [
      /^HTTP 307$/,
      ({ leader }) =>
        leader === undefined
          ? 'it redirects to a leader that cannot be asked'
          : `it redirects to its leader ${leader}, which is not listed and so gets no credentials; add it to --meta-addr`,
    ],
    [/^HTTP \d+$/, ({ text }) => text ?? 'it cannot answer now'],
  ]

function failureText(failed: FailedTry, { timeout }: AdviceContext): string {
  const { node, failure } = failed
  const advice = ADVICE.find(([pattern]) => pattern.test(failure))?.[1](failed, timeout)
  return advice === undefined
    ? `meta node ${node}: ${failure}`
    : `meta node ${node}: ${advice} (${failure})`
}
