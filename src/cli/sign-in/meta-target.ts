import type { Config } from '../../config/config.js'
import { parseAddress } from '../../config/kinds/address.js'
import { metaClientOptions } from '../../meta-client/from-config.js'
import type { MetaTlsOptions } from '../../meta-client/wire/options.js'
import { mistake } from '../mistake.js'

/** The meta nodes that a command asks. */
export interface MetaTarget {
  readonly addresses: readonly string[]
  readonly tls: MetaTlsOptions | undefined
  /** Whether it is the embedded one, of `[meta]`. */
  readonly isEmbedded: boolean
}

/**
 * The nodes of `[auth] meta-addr`; if it names none, the embedded one, where `[meta]` says that it listens.
 *
 * @throws AuthError one line, if nobody can be asked there, or certificates cannot be used
 */
export function metaTarget({ auth, meta }: Config): MetaTarget {
  const isEmbedded = auth.metaAddr.length === 0
  const metaUseTls = auth.metaUseTls || (isEmbedded && meta.httpsEnabled)
  const { addresses, tls } = metaClientOptions({ ...auth, metaUseTls })
  if (!isEmbedded) return { addresses, tls, isEmbedded }
  return { addresses: [reachable(meta.httpBindAddress)], tls, isEmbedded }
}

/** Where somebody can be asked who listens there. */
function reachable(bindAddress: string): string {
  const { host = '', port = 0 } = parseAddress(bindAddress) ?? {}
  if (port === 0) {
    throw mistake('[meta] http-bind-address has port 0: name the address with --meta-addr')
  }
  if (host === '' || host === '0.0.0.0') return `127.0.0.1:${port}`
  if (host === '::') return `[::1]:${port}`
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
