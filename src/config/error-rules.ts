import { isOwnToken, TOKEN_AS_PASSWORD } from '../text/own-token-form.js'
import type { Config } from './config.js'
import { INFLUXDB_ERRORS } from './influxdb/influxdb-rules.js'
import { LISTENER_ERRORS } from './listener-rules.js'
import { OIDC_ERRORS } from './oidc/oidc-rules.js'
import type { Rule } from './rule.js'

/** What makes a configuration invalid although every value is right by itself. */
export const ERRORS: readonly Rule[] = [
  {
    about: ['auth.enabled', 'http.auth-enabled'],
    isBroken: ({ http, auth }) => http.authEnabled && !auth.enabled,
    says: '[auth] enabled = false with [http] auth-enabled = true would let everybody in with any name and password; to switch authentication off, set [http] auth-enabled = false',
  },
  {
    about: ['http.https-enabled', 'http.https-certificate'],
    isBroken: ({ http }) => http.httpsEnabled && http.httpsCertificate === '',
    says: '[http] https-enabled = true needs [http] https-certificate',
  },
  {
    about: ['http.https-client-ca', 'http.https-enabled'],
    isBroken: ({ http }) => http.httpsClientCa !== '' && !http.httpsEnabled,
    says: '[http] https-client-ca has no effect without [http] https-enabled = true',
  },
  {
    about: ['meta.https-enabled', 'meta.https-certificate'],
    isBroken: ({ meta }) => meta.httpsEnabled && meta.httpsCertificate === '',
    says: '[meta] https-enabled = true needs [meta] https-certificate',
  },
  {
    about: ['meta.https-client-ca', 'meta.https-enabled'],
    isBroken: ({ meta }) => meta.httpsClientCa !== '' && !meta.httpsEnabled,
    says: '[meta] https-client-ca has no effect without [meta] https-enabled = true',
  },
  ...(['http', 'meta'] as const).map(
    (section): Rule => ({
      about: [`${section}.https-client-auth`, `${section}.https-client-ca`],
      isBroken: (config) =>
        config[section].httpsClientAuth === 'request' && config[section].httpsClientCa === '',
      says: `[${section}] https-client-auth = "request" needs [${section}] https-client-ca, the CA of the clients' certificates`,
    }),
  ),
  {
    about: ['meta.admin-username'],
    isBroken: ({ meta }) => meta.adminUsername === '',
    says: '[meta] admin-username is empty; the administrator needs a name',
  },
  {
    about: ['meta.admin-password', 'meta.password-min-length'],
    isBroken: ({ meta }) =>
      meta.adminPassword !== undefined &&
      [...meta.adminPassword.reveal()].length < meta.passwordMinLength,
    says: '[meta] admin-password has fewer characters than [meta] password-min-length',
  },
  {
    about: ['meta.admin-password'],
    isBroken: ({ meta }) => isOwnToken(meta.adminPassword?.reveal() ?? ''),
    says: `[meta] admin-password ${TOKEN_AS_PASSWORD}`,
  },
  {
    about: ['meta.store', 'meta.etcd-endpoints'],
    isBroken: ({ meta }) => meta.store === 'etcd' && meta.etcdEndpoints.length === 0,
    says: '[meta] store = "etcd" needs [meta] etcd-endpoints, the members of the cluster: host:port, separated by commas',
  },
  {
    about: ['meta.etcd-cert', 'meta.etcd-key'],
    isBroken: ({ meta }) => isSet(meta.etcdCert) !== isSet(meta.etcdKey),
    says: '[meta] etcd-cert and etcd-key must be set together',
  },
  {
    about: ['meta.etcd-username', 'meta.etcd-password'],
    isBroken: ({ meta }) =>
      meta.etcdPassword === undefined ? isLogin(meta) : meta.etcdUsername === '',
    says: '[meta] etcd-username and etcd-password must be set together',
  },
  {
    about: ['auth.meta-cert', 'auth.meta-key'],
    isBroken: ({ auth }) => auth.metaCert !== '' && auth.metaKey === '',
    says: '[auth] meta-cert needs its private key, [auth] meta-key',
  },
  {
    about: ['auth.meta-key', 'auth.meta-cert'],
    isBroken: ({ auth }) => auth.metaKey !== '' && auth.metaCert === '',
    says: '[auth] meta-key needs its certificate, [auth] meta-cert',
  },
  {
    about: ['auth.meta-password', 'auth.meta-username'],
    isBroken: ({ auth }) => auth.metaPassword !== undefined && auth.metaUsername === '',
    says: '[auth] meta-password needs [auth] meta-username',
  },
  {
    about: ['auth.meta-attempt-timeout', 'auth.meta-timeout'],
    isBroken: ({ auth }) => auth.metaAttemptTimeout > auth.metaTimeout,
    says: '[auth] meta-attempt-timeout (one try) is longer than [auth] meta-timeout (all tries)',
  },
  {
    about: ['gateway.kapacitor-cert', 'gateway.kapacitor-key'],
    isBroken: ({ gateway }) => isSet(gateway.kapacitorCert) !== isSet(gateway.kapacitorKey),
    says: '[gateway] kapacitor-cert and kapacitor-key must be set together',
  },
  ...OIDC_ERRORS,
  ...INFLUXDB_ERRORS,
  ...LISTENER_ERRORS,
]

function isLogin({ store, etcdUsername }: Config['meta']): boolean {
  return store === 'etcd' && isSet(etcdUsername)
}

function isSet(text: string): boolean {
  return text !== ''
}
