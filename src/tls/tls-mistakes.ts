import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { parseCertificates } from './pem.js'

/** CA, certificate and key of a client, each as PEM text. */
export interface ClientTlsTexts {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

/** What is wrong with one of the PEM texts. `says` holds nothing out of it. */
export interface TlsMistake {
  readonly option: 'ca' | 'cert' | 'key'
  readonly says: string
}

const NO_CERTIFICATE = 'is not a certificate in PEM'
const NO_KEY = 'is not a private key in PEM without a passphrase'

/**
 * What keeps CA, certificate and key from being used, all of it. Node takes a CA without any certificate in it, and a
 * key that is empty, silently: such a mistake would show only at the first connection.
 * Whether a certificate has expired is not looked at: it may be renewed, and is judged at each connection.
 */
export function tlsMistakes({ ca, cert, key }: ClientTlsTexts): readonly TlsMistake[] {
  const mistakes: TlsMistake[] = []
  const found = (option: TlsMistake['option'], says: string) => void mistakes.push({ option, says })
  if (ca !== undefined && !parseCertificates(ca)) found('ca', NO_CERTIFICATE)
  if (cert === undefined && key === undefined) return mistakes
  if (key === undefined) found('key', 'is missing')
  if (cert === undefined) found('cert', 'is missing')
  const chain = parseCertificates(cert ?? '')
  const privateKey = parseKey(key ?? '')
  if (cert !== undefined && !chain) found('cert', NO_CERTIFICATE)
  if (key !== undefined && !privateKey) found('key', NO_KEY)
  if (!chain || !privateKey) return mistakes
  if (!new X509Certificate(chain[0] as string).checkPrivateKey(privateKey)) {
    found('key', 'does not fit the certificate')
    return mistakes
  }
  try {
    createSecureContext({ cert: chain.join('\n'), key, minVersion: 'TLSv1.2' })
  } catch (error) {
    found('cert', `cannot be used (${(error as NodeJS.ErrnoException).code})`)
  }
  return mistakes
}

function parseKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}
