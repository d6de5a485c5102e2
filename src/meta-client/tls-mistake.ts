import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { MetaTlsOptions } from './options.js'
import { parseCertificates } from './pem.js'

/** What is wrong with one of the PEM texts. `says` holds nothing out of it. */
export interface TlsMistake {
  readonly option: 'ca' | 'cert' | 'key'
  readonly says: string
}

const NO_CERTIFICATE = 'is not a certificate in PEM'
const NO_KEY = 'is not a private key in PEM without a passphrase'

/**
 * What keeps CA, certificate and key from being used; undefined if nothing does. Node takes a CA without any
 * certificate in it, and a key that is empty, without a word: such a mistake would show at the first question.
 * Whether a certificate has expired is not looked at: it may be renewed, and is judged at each connection.
 */
export function tlsMistake({ ca, cert, key }: MetaTlsOptions): TlsMistake | undefined {
  if (ca !== undefined && !parseCertificates(ca)) return { option: 'ca', says: NO_CERTIFICATE }
  if (cert === undefined && key === undefined) return undefined
  if (key === undefined) return { option: 'key', says: 'is missing' }
  if (cert === undefined) return { option: 'cert', says: 'is missing' }
  const [leaf] = parseCertificates(cert) ?? []
  if (leaf === undefined) return { option: 'cert', says: NO_CERTIFICATE }
  try {
    if (!new X509Certificate(leaf).checkPrivateKey(createPrivateKey(key))) {
      return { option: 'key', says: 'does not fit the certificate' }
    }
  } catch {
    return { option: 'key', says: NO_KEY }
  }
  try {
    createSecureContext({ cert: leaf, key })
  } catch (error) {
    return { option: 'cert', says: `cannot be used (${(error as NodeJS.ErrnoException).code})` }
  }
  return undefined
}
