import { rootCertificates } from 'node:tls'
import { AuthError } from '../../errors.js'
import { requestOnce } from '../../http/request-once.js'
import { escaped } from '../../text/printable.js'
import { readRegularFile } from '../../text/regular-file.js'
import { fileReason } from '../../text/text-file.js'
import type { Milliseconds } from '../../time.js'
import { createClientContext } from '../../tls/client-context.js'
import { parseCertificates } from '../../tls/pem.js'
import { systemAuthorities } from '../../tls/system-authorities.js'
import { VERSION } from '../../version.js'

/** What a provider said, whatever the status. */
export interface ProviderAnswer {
  readonly status: number
  readonly body: string
  /** The header `Retry-After`, as it came. */
  readonly retryAfter: string | undefined
}

/** Why there is no answer: Node's or undici's code of the error. */
export interface ProviderFailure {
  readonly failure: string
}

/** Asks a provider. */
export interface ProviderHttp {
  /**
   * One POST of a form; no redirect is followed. It does not reject.
   *
   * @param most how long it may take, if that is less than `timeout`
   */
  post(
    url: string,
    fields: URLSearchParams,
    most?: Milliseconds,
  ): Promise<ProviderAnswer | ProviderFailure>
  /** Ends all requests. */
  close(): void
}

export interface ProviderHttpOptions {
  /** A file with certificates (PEM) that are trusted besides the system's. */
  readonly ca?: string | undefined
  /** For one request, connecting and the body included. @default 15_000 */
  readonly timeout?: Milliseconds
}

/** The longest answer that is read, in bytes. */
const LONGEST = 65_536

/**
 * A client for the endpoints of one provider. It goes through the proxy of `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`,
 * and trusts what the system and `NODE_EXTRA_CA_CERTS` trust.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if the file with certificates cannot be used
 */
export function createProviderHttp({ ca, timeout = 15_000 }: ProviderHttpOptions): ProviderHttp {
  const trust = createClientContext({ ca: trusted(ca) })
  const closing = new AbortController()
  return {
    async post(url, fields, most = timeout) {
      try {
        const answer = await requestOnce(url, {
          body: fields.toString(),
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            accept: 'application/json',
            'user-agent': `kapacitor-auth/${VERSION}`,
          },
          trust,
          proxyTrust: trust,
          mayUseProxy: true,
          mostBytes: LONGEST,
          timeout: Math.max(1, Math.min(most, timeout)),
          signal: closing.signal,
        })
        const { status, headers, body } = answer
        return { status, body: body.toString(), retryAfter: oneOf(headers['retry-after']) }
      } catch (error) {
        return { failure: codeOf(error) }
      }
    },
    close() {
      closing.abort()
    },
  }
}

function trusted(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  let pem: string
  try {
    pem = readRegularFile(path).bytes.toString('latin1')
  } catch (error) {
    throw unusable(path, `cannot be read: ${fileReason(error)}`)
  }
  const own = parseCertificates(pem)
  if (!own) throw unusable(path, 'is not a certificate in PEM')
  return [...(systemAuthorities() ?? rootCertificates), ...own].join('\n')
}

function unusable(path: string, says: string): AuthError {
  return new AuthError('ERR_CONFIG_INVALID', `ca in [profile.tls]: ${escaped(path)} ${says}`)
}

function oneOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0]
}

/** All that is kept of an error: the rest of it may hold what was sent. */
function codeOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code: unknown = 'code' in cause ? cause.code : undefined
    if (typeof code === 'string' && /^\w{1,64}$/.test(code)) return code
  }
  return 'ERR_REQUEST_FAILED'
}
