import type { Config } from '../../config/config.js'
import type { Upstream } from '../../gateway/connections/upstream.js'
import { withAuthorization } from '../../gateway/influxdb/upstream/with-authorization.js'
import { createGatewayUpstream } from './gateway-upstream.js'

/**
 * The InfluxDB that `[gateway]` names; each request signs in to it if it keeps its own authentication on.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if its URL, a certificate or a key cannot be used
 */
export function createInfluxdbUpstream(gateway: Config['gateway']): Upstream {
  const upstream = createGatewayUpstream('influxdb', gateway)
  const { influxdbUsername, influxdbPassword } = gateway
  return influxdbUsername === ''
    ? upstream
    : withAuthorization(upstream, influxdbUsername, influxdbPassword?.reveal() ?? '')
}
