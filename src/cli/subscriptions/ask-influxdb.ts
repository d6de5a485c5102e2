import { createEngine } from '../../gateway/influxdb/upstream/engine.js'
import { createInfluxdbUpstream } from '../../serve/doors/influxdb-upstream.js'
import { reasonOf, type SubscribedInfluxdb } from '../../subscriptions/subscribed-influxdb.js'
import { configOf } from '../config-of.js'
import { mistake } from '../mistake.js'
import type { MetaFlags } from '../sign-in/meta-flags.js'

/** Asks the InfluxDB of `[gateway] influxdb-url`. @throws AuthError if there is none, and as `work` */
export async function askInfluxdb<T>(
  flags: MetaFlags,
  work: (influxdb: SubscribedInfluxdb) => Promise<T>,
): Promise<T> {
  const { gateway, file } = configOf(flags.config === undefined ? {} : { config: flags.config })
  if (gateway.influxdbUrl === '') {
    const read = file === undefined ? 'no kapacitor.conf was found' : `${file} does not set it`
    throw mistake(
      `--apply needs the URL of InfluxDB, [gateway] influxdb-url (or $KAPACITOR_GATEWAY_INFLUXDB_URL): ${read}; --config names another file`,
    )
  }
  const upstream = createInfluxdbUpstream({
    ...gateway,
    responseTimeout: flags.timeout,
    maxConnections: 1,
  })
  try {
    return await work(createEngine(upstream))
  } catch (error) {
    throw mistake(reasonOf(error))
  } finally {
    upstream.close()
  }
}
