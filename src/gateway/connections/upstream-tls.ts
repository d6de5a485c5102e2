import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { createClientContext } from '../../tls/client-context.js'
import { tlsMistakes } from '../../tls/tls-mistakes.js'
import type { UpstreamOptions } from './upstream-options.js'

type TlsOptions = Pick<UpstreamOptions, 'ca' | 'cert' | 'key' | 'insecureSkipVerify'>

/**
 * What `tls.connect` needs for an upstream: HTTP/1.1 over TLS 1.2 or newer. The certificate is verified whatever
 * `NODE_TLS_REJECT_UNAUTHORIZED` says: only `insecureSkipVerify` turns that off.
 *
 * @param host a name or an address, whose certificate it must be
 * @throws TypeError that names the option if CA, certificate or key cannot be used; holds nothing out of it
 */
export function upstreamTls(host: string, options: TlsOptions): ConnectionOptions {
  const [mistake] = tlsMistakes(options)
  if (mistake) throw new TypeError(`${mistake.option} ${mistake.says}`)
  return {
    secureContext: createClientContext(options),
    rejectUnauthorized: options.insecureSkipVerify !== true,
    ALPNProtocols: ['http/1.1'],
    // A server name is a name, never an address (RFC 6066 §3)
    ...(isIP(host) ? {} : { servername: host }),
  }
}
