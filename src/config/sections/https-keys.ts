import { boolean, choice, path } from '../kinds/kinds.js'
import { key } from './section-key.js'

/** The keys of a section whose server may be HTTPS, as InfluxDB has them. */
export const CERTIFICATE_KEYS = {
  'https-enabled': key(boolean, false, 'Whether to serve HTTPS instead of HTTP.'),
  'https-certificate': key(
    path,
    '',
    'The certificate to serve HTTPS with, followed by its chain (PEM).',
  ),
  'https-private-key': key(
    path,
    '',
    "The certificate's private key (PEM). When empty, the key is in the certificate's file.",
  ),
} as const

/** The same, and client certificates. */
export const HTTPS_KEYS = {
  ...CERTIFICATE_KEYS,
  'https-client-ca': key(
    path,
    '',
    'When set, clients must present a certificate signed by this CA (PEM). They still have to sign in.',
  ),
  'https-client-auth': key(
    choice('require', 'request'),
    'require',
    'With https-client-ca: "require" refuses clients without a certificate, "request" accepts them. A certificate signed by another CA is refused either way.',
  ),
} as const
