import { isLoopback } from '../../http/loopback.js'
import type { Config } from '../config.js'
import { parseAddress } from '../kinds/address.js'
import type { Rule } from '../rule.js'
import { SUBSCRIPTION_ERRORS, SUBSCRIPTION_WARNINGS } from './subscription-rules.js'

/** What about InfluxDB makes a configuration invalid although every value is right by itself. */
export const INFLUXDB_ERRORS: readonly Rule[] = [
  {
    about: ['influxdb.https-enabled', 'influxdb.https-certificate'],
    isBroken: ({ influxdb }) => influxdb.httpsEnabled && influxdb.httpsCertificate === '',
    says: 'influxdb.conf: [http] https-enabled = true needs [http] https-certificate',
  },
  {
    about: ['gateway.influxdb-cert', 'gateway.influxdb-key'],
    isBroken: ({ gateway }) => (gateway.influxdbCert === '') !== (gateway.influxdbKey === ''),
    says: '[gateway] influxdb-cert and influxdb-key go together',
  },
  {
    about: ['gateway.influxdb-username', 'gateway.influxdb-password'],
    isBroken: ({ gateway }) =>
      (gateway.influxdbUsername === '') !== (gateway.influxdbPassword === undefined),
    says: '[gateway] influxdb-username and influxdb-password go together',
  },
  {
    about: ['influxdb.auth-enabled', 'auth.enabled'],
    isBroken: (config) =>
      isInfluxdbServed(config) && config.influxdb.authEnabled && !config.auth.enabled,
    says: '[auth] enabled = false with influxdb.conf [http] auth-enabled = true would let everybody in: any name and password would do; to switch authentication off, set [http] auth-enabled = false in influxdb.conf',
  },
  ...SUBSCRIPTION_ERRORS,
]

/** What is allowed, but should not go unnoticed. */
export const INFLUXDB_WARNINGS: readonly Rule[] = [
  {
    about: ['influxdb.auth-enabled'],
    isBroken: (config) => isInfluxdbServed(config) && !config.influxdb.authEnabled,
    says: "Authentication is OFF for InfluxDB's API: everybody who reaches it is an administrator (influxdb.conf: [http] auth-enabled = false)",
  },
  {
    about: ['influxdb.bind-address', 'influxdb.https-enabled'],
    isBroken: (config) =>
      isInfluxdbServed(config) &&
      config.influxdb.authEnabled &&
      !config.influxdb.httpsEnabled &&
      !isLocal(config.influxdb.bindAddress),
    says: "Callers of InfluxDB's API send their passwords unencrypted to an address that others can reach; set [http] https-enabled = true in influxdb.conf, or put a proxy with TLS in front",
  },
  {
    about: ['influxdb.enabled', 'gateway.influxdb-url'],
    isBroken: ({ influxdb, gateway }) => !influxdb.enabled && gateway.influxdbUrl !== '',
    says: "InfluxDB's API is not served, although [gateway] influxdb-url is set (influxdb.conf: [http] enabled = false)",
  },
  {
    about: ['gateway.influxdb-insecure-skip-verify'],
    isBroken: ({ gateway }) => gateway.influxdbInsecureSkipVerify,
    says: "InfluxDB's certificate is not verified: anybody in between can answer for it ([gateway] influxdb-insecure-skip-verify = true)",
  },
  {
    about: ['gateway.influxdb-ca', 'gateway.influxdb-cert', 'gateway.influxdb-url'],
    isBroken: ({ gateway }) =>
      !gateway.influxdbUrl.startsWith('https:') &&
      (gateway.influxdbCa !== '' || gateway.influxdbCert !== ''),
    says: '[gateway] influxdb-ca, influxdb-cert and influxdb-key have no effect without an https: influxdb-url',
  },
  {
    about: ['influxdb.pprof-auth-enabled'],
    isBroken: (config) => isInfluxdbServed(config) && !config.influxdb.pprofAuthEnabled,
    says: 'Profiles and variables of InfluxDB are open to everybody who reaches it (influxdb.conf: [http] pprof-auth-enabled = false)',
  },
  {
    about: ['influxdb.debug-pprof-enabled'],
    isBroken: (config) => isInfluxdbServed(config) && config.influxdb.debugPprofEnabled,
    says: "influxdb.conf: [http] debug-pprof-enabled = true has no effect here: InfluxDB serves port 6060 itself; set it in InfluxDB's own file",
  },
  {
    about: ['influxdb.prom-read-auth-enabled'],
    isBroken: (config) => isInfluxdbServed(config) && !config.influxdb.promReadAuthEnabled,
    says: 'influxdb.conf: [http] prom-read-auth-enabled = false has no effect: to read by /api/v1/prom/read needs READ on the database all the same',
  },
  {
    about: ['meta.first-admin', 'gateway.influxdb-url', 'influxdb.auth-enabled'],
    isBroken: (config) =>
      config.meta.firstAdmin === 'query' &&
      !(isInfluxdbServed(config) && config.influxdb.authEnabled),
    says: '[meta] first-admin = "query": no administrator is made at the first start, and InfluxDB\'s API, which makes one, is not served here with authentication on',
  },
  {
    about: ['meta.first-admin-from'],
    isBroken: ({ meta }) => meta.firstAdmin === 'query' && meta.firstAdminFrom === 'anywhere',
    says: 'Anybody who can reach InfluxDB\'s API may create the first administrator ([meta] first-admin-from = "anywhere")',
  },
  ...SUBSCRIPTION_WARNINGS,
]

/** Whether InfluxDB's API is served. */
/** Whether InfluxDB's API is served. */
export function isInfluxdbServed({ gateway, influxdb }: Config): boolean {
  return gateway.influxdbUrl !== '' && influxdb.enabled
}

function isLocal(address: string): boolean {
  return isLoopback(parseAddress(address)?.host ?? '')
}
