import { isLoopback } from '../http/loopback.js'
import type { Secret } from '../text/secret.js'
import type { Config } from './config.js'
import { INFLUXDB_WARNINGS } from './influxdb/influxdb-rules.js'
import { parseAddress } from './kinds/address.js'
import { OIDC_WARNINGS } from './oidc/oidc-rules.js'
import type { Rule } from './rule.js'
import { RECOMMENDED_SHARED_SECRET } from './sections/limits.js'
import type { KeyId } from './sections/sections.js'

/** What is allowed, but should not go unnoticed. */
export const WARNINGS: readonly Rule[] = [
  {
    about: ['http.auth-enabled'],
    isBroken: ({ http }) => !http.authEnabled,
    says: 'Authentication is OFF: everybody who can reach the server is an administrator ([http] auth-enabled = false)',
  },
  {
    about: ['meta.auth-enabled'],
    isBroken: ({ meta }) => !meta.authEnabled,
    says: "The embedded meta node's authentication is OFF: everybody who can reach it may change users ([meta] auth-enabled = false)",
  },
  {
    about: ['auth.meta-insecure-skip-verify'],
    isBroken: ({ auth }) => auth.metaInsecureSkipVerify,
    says: "The meta nodes' certificates are not verified: anybody on the network path can impersonate them ([auth] meta-insecure-skip-verify = true)",
  },
  {
    about: ['auth.meta-ca', 'auth.meta-cert', 'auth.meta-key', 'auth.meta-use-tls'],
    isBroken: ({ auth }) =>
      !auth.metaUseTls && [auth.metaCa, auth.metaCert, auth.metaKey].some(isSet),
    says: '[auth] meta-ca, meta-cert and meta-key have no effect while [auth] meta-use-tls = false',
  },
  {
    about: ['auth.meta-internal-shared-secret', 'auth.meta-username'],
    isBroken: ({ auth }) => auth.metaInternalSharedSecret !== undefined && isSet(auth.metaUsername),
    says: '[auth] meta-username is not used because [auth] meta-internal-shared-secret is set',
  },
  {
    about: ['auth.meta-addr', 'auth.meta-use-tls', 'auth.meta-username'],
    isBroken: ({ auth }) =>
      !auth.metaUseTls &&
      (auth.metaInternalSharedSecret !== undefined || isSet(auth.metaUsername)) &&
      auth.metaAddr.some((address) => !isLoopback(parseAddress(address)?.host ?? '')),
    says: 'Credentials travel to the meta nodes unencrypted; set [auth] meta-use-tls = true',
  },
  {
    about: ['meta.password-hash-rounds', 'meta.password-hash'],
    isBroken: ({ meta }) => meta.passwordHash === 'bcrypt' && meta.passwordHashRounds !== 29_000,
    says: '[meta] password-hash-rounds has no effect while [meta] password-hash = "bcrypt"',
  },
  {
    about: [
      'meta.etcd-endpoints',
      'meta.etcd-ca',
      'meta.etcd-cert',
      'meta.etcd-username',
      'meta.store',
    ],
    isBroken: ({ meta }) =>
      meta.store !== 'etcd' &&
      (meta.etcdEndpoints.length > 0 ||
        [meta.etcdCa, meta.etcdCert, meta.etcdUsername].some(isSet)),
    says: '[meta] etcd-endpoints and the other etcd keys have no effect without [meta] store = "etcd"',
  },
  {
    about: ['meta.etcd-ca', 'meta.etcd-cert', 'meta.etcd-use-tls'],
    isBroken: ({ meta }) => !meta.etcdUseTls && [meta.etcdCa, meta.etcdCert].some(isSet),
    says: '[meta] etcd-ca, etcd-cert and etcd-key have no effect while [meta] etcd-use-tls = false',
  },
  {
    about: ['meta.etcd-use-tls', 'meta.etcd-endpoints'],
    isBroken: ({ meta }) =>
      meta.store === 'etcd' && !meta.etcdUseTls && !meta.etcdEndpoints.every(isLocal),
    says: 'Users and password hashes travel to etcd unencrypted; set [meta] etcd-use-tls = true',
  },
  {
    about: ['gateway.kapacitor-insecure-skip-verify'],
    isBroken: ({ gateway }) => gateway.kapacitorInsecureSkipVerify,
    says: "Kapacitor's certificate is not verified: anybody on the network path can impersonate it ([gateway] kapacitor-insecure-skip-verify = true)",
  },
  {
    about: ['gateway.kapacitor-ca', 'gateway.kapacitor-cert', 'gateway.kapacitor-url'],
    isBroken: ({ gateway }) =>
      !gateway.kapacitorUrl.startsWith('https:') &&
      [gateway.kapacitorCa, gateway.kapacitorCert].some(isSet),
    says: '[gateway] kapacitor-ca, kapacitor-cert and kapacitor-key have no effect without an https: kapacitor-url',
  },
  {
    about: ['gateway.trusted-proxies'],
    isBroken: ({ gateway }) => gateway.trustedProxies.some(isNearlyAll),
    says: '[gateway] trusted-proxies includes most addresses there are: any client can claim another address in X-Forwarded-For, so that wrong passwords are not limited and logs show what it claims; list the proxies only',
  },
  {
    about: ['http.bind-address', 'http.https-enabled'],
    isBroken: ({ http }) => http.authEnabled && !http.httpsEnabled && !isLocal(http.bindAddress),
    says: 'Clients send their passwords unencrypted to an address that others can reach; set [http] https-enabled = true, or put a proxy with TLS in front',
  },
  {
    about: ['meta.http-bind-address', 'meta.https-enabled'],
    isBroken: ({ meta }) => !meta.httpsEnabled && !isLocal(meta.httpBindAddress),
    says: "The embedded meta node's clients send their passwords unencrypted to an address that others can reach; set [meta] https-enabled = true",
  },
  {
    about: ['admin.bind-address'],
    isBroken: ({ admin }) => admin.enabled && !isLocal(admin.bindAddress),
    says: '[admin] bind-address is an address that others can reach, and no credentials are needed there',
  },
  {
    about: ['http.workers'],
    isBroken: ({ http, gateway }) => http.workers !== 1 && gateway.kapacitorUrl === '',
    says: '[http] workers has no effect on the sample API: it is served by one process',
  },
  {
    about: ['http.pprof-enabled'],
    isBroken: ({ http }) => http.pprofEnabled,
    says: 'Profiles of the server are open to everybody who can reach it ([http] pprof-enabled = true)',
  },
  ...OIDC_WARNINGS,
  ...INFLUXDB_WARNINGS,
  advised('http.shared-secret', ({ http }) => http.sharedSecret),
  advised('influxdb.shared-secret', ({ influxdb }) => influxdb.sharedSecret),
  advised('auth.meta-internal-shared-secret', ({ auth }) => auth.metaInternalSharedSecret),
  advised('meta.shared-secret', ({ meta }) => meta.sharedSecret),
  advised('meta.internal-shared-secret', ({ meta }) => meta.internalSharedSecret),
]

function advised(id: KeyId, secretOf: (config: Config) => Secret | undefined): Rule {
  const [section = '', name] = id.split('.')
  const title = section === 'influxdb' ? 'influxdb.conf: [http]' : `[${section}]`
  return {
    about: [id],
    isBroken: (config) => {
      const text = secretOf(config)?.reveal()
      return text !== undefined && Buffer.byteLength(text) < RECOMMENDED_SHARED_SECRET
    },
    says: `${title} ${name} is short: ${RECOMMENDED_SHARED_SECRET} random bytes or more are recommended`,
  }
}

/** A network larger than any that is private: 10.0.0.0/8 and fc00::/7 are the largest. */
function isNearlyAll(network: string): boolean {
  const [address = '', prefix] = network.split('/')
  return prefix !== undefined && Number(prefix) < (address.includes(':') ? 7 : 8)
}

function isLocal(address: string): boolean {
  return isLoopback(parseAddress(address)?.host ?? '')
}

function isSet(text: string): boolean {
  return text !== ''
}
