import type { Config } from '../../config/config.js'
import { AuthError } from '../../errors.js'
import { createUpstream, type Upstream } from '../../gateway/connections/upstream.js'
import { loadClientTls } from '../../tls/client-tls-files.js'
import { INFLUXDB_TLS, influxdbTlsPaths, KAPACITOR_TLS, kapacitorTlsPaths } from '../tls-paths.js'

/**
 * The daemon that `[gateway]` names.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if its URL, a certificate or a key cannot be used
 */
export function createGatewayUpstream(
  daemon: 'kapacitor' | 'influxdb',
  gateway: Config['gateway'],
): Upstream {
  const isKapacitor = daemon === 'kapacitor'
  const paths = isKapacitor ? kapacitorTlsPaths(gateway) : influxdbTlsPaths(gateway)
  const tls = paths && loadClientTls(isKapacitor ? KAPACITOR_TLS : INFLUXDB_TLS, paths)
  try {
    return createUpstream({
      url: isKapacitor ? gateway.kapacitorUrl : gateway.influxdbUrl,
      insecureSkipVerify: isKapacitor
        ? gateway.kapacitorInsecureSkipVerify
        : gateway.influxdbInsecureSkipVerify,
      connectTimeout: gateway.connectTimeout,
      responseTimeout: gateway.responseTimeout,
      idleTimeout: gateway.idleTimeout,
      maxConnections: gateway.maxConnections,
      ...tls,
    })
  } catch (cause) {
    const message = `[gateway] ${daemon}-${(cause as Error).message}`
    throw new AuthError('ERR_CONFIG_INVALID', message, { cause })
  }
}
