import { isLoopback } from '../http/loopback.js'
import type { Config } from './config.js'
import { isInfluxdbServed } from './influxdb/influxdb-rules.js'
import { parseAddress } from './kinds/address.js'
import type { Rule } from './rule.js'
import type { KeyId } from './sections/sections.js'

/** Something that a process listens with. */
interface Listener {
  readonly id: KeyId
  /** The key, as messages name it. */
  readonly title: string
  /** Undefined where it is not opened. */
  readonly address: (config: Config) => string | undefined
}

const API: Listener = {
  id: 'http.bind-address',
  title: '[http] bind-address',
  address: ({ http }) => http.bindAddress,
}
const INFLUXDB: Listener = {
  id: 'influxdb.bind-address',
  title: 'influxdb.conf: [http] bind-address',
  address: (config) => (isInfluxdbServed(config) ? config.influxdb.bindAddress : undefined),
}
const EMBEDDED_META: Listener = {
  id: 'meta.http-bind-address',
  title: '[meta] http-bind-address',
  address: ({ auth, meta }) => (auth.metaAddr.length === 0 ? meta.httpBindAddress : undefined),
}
const META: Listener = { ...EMBEDDED_META, address: ({ meta }) => meta.httpBindAddress }
const ADMIN: Listener = {
  id: 'admin.bind-address',
  title: '[admin] bind-address',
  address: ({ admin }) => (admin.enabled ? admin.bindAddress : undefined),
}
const META_ADMIN: Listener = {
  id: 'admin.meta-node-bind-address',
  title: '[admin] meta-node-bind-address',
  address: ({ admin }) => (admin.enabled ? admin.metaNodeBindAddress : undefined),
}

/** Two listeners of one process on one address: the second could not be opened. */
export const LISTENER_ERRORS: readonly Rule[] = [
  // serve
  ...pairsOf([API, INFLUXDB, EMBEDDED_META, ADMIN]),
  // meta-node
  ...pairsOf([META, META_ADMIN]),
].map(
  ([one, other]): Rule => ({
    about: [other.id, one.id],
    isBroken: (config) => isSameAddress(one.address(config), other.address(config)),
    says: `${other.title} is the same address as ${one.title}; each needs its own`,
  }),
)

function pairsOf(listeners: readonly Listener[]): [Listener, Listener][] {
  return listeners.flatMap((one, i) =>
    listeners.slice(i + 1).map((other): [Listener, Listener] => [one, other]),
  )
}

/** Whether both cannot be listened on; false where only a name server could tell. */
function isSameAddress(one = '', other = ''): boolean {
  const [a, b] = [parseAddress(one), parseAddress(other)]
  if (!a || !b || a.port !== b.port || a.port === 0) return false
  const [host, otherHost] = [a.host.toLowerCase(), b.host.toLowerCase()]
  if (host === otherHost || isEverywhere(host) || isEverywhere(otherHost)) return true
  return [host, otherHost].includes('localhost') && isLoopback(host) && isLoopback(otherHost)
}

/** `0.0.0.0` is every IPv4 address only; that it leaves `[::1]` free is not worth relying on. */
function isEverywhere(host: string): boolean {
  return host === '' || host === '::' || host === '0.0.0.0'
}
