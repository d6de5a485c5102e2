import type { Config } from '../../config/config.js'
import { AuthError } from '../../errors.js'
import { createUpstream, type Upstream } from '../../gateway/connections/upstream.js'
import { withAuthorization } from '../../gateway/influxdb/upstream/with-authorization.js'
import { loadClientTls } from '../../tls/client-tls-files.js'
import { INFLUXDB_TLS, influxdbTlsPaths } from '../tls-paths.js'

/**
 * The InfluxDB that `[gateway]` names; each request signs in to it if it keeps its own authentication on.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if a certificate or a key cannot be used
 */
export function createInfluxdbUpstream(gateway: Config['gateway']): Upstream {
  const paths = influxdbTlsPaths(gateway)
  const tls = paths && loadClientTls(INFLUXDB_TLS, paths)
  let upstream: Upstream
  try {
    upstream = createUpstream({
      url: gateway.influxdbUrl,
      insecureSkipVerify: gateway.influxdbInsecureSkipVerify,
      connectTimeout: gateway.connectTimeout,
      responseTimeout: gateway.responseTimeout,
      idleTimeout: gateway.idleTimeout,
      maxConnections: gateway.maxConnections,
      ...tls,
    })
  } catch (cause) {
    const message = `[gateway] influxdb-${(cause as Error).message}`
    throw new AuthError('ERR_CONFIG_INVALID', message, { cause })
  }
  const { influxdbUsername, influxdbPassword } = gateway
  return influxdbUsername === ''
    ? upstream
    : withAuthorization(upstream, influxdbUsername, influxdbPassword?.reveal() ?? '')
}
