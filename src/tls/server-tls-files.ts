import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { readRegularFile } from '../text/regular-file.js'
import { isWorldReadable } from '../text/text-file.js'
import { TRUST } from './client-context.js'
import { expiryWarning, type NamedCertificate } from './expiry.js'
import { parseCertificates } from './pem.js'

/** PEM files, for HTTPS. */
export interface TlsFiles {
  /** The certificate, followed by its chain. */
  certificate: string

  /** Its private key; '' if that is in the certificate's file. */
  key: string

  /** The CA of the clients' certificates; without one, clients need none. */
  clientCa?: string

  /**
   * With `clientCa`: whether a client without a certificate is served, too. One with a certificate that this CA did
   * not sign is never served. @default false
   */
  clientCertificateOptional?: boolean
}

/** What `TlsFiles` hold, checked: either what is wrong, or what can be used. */
export interface TlsContent {
  /** One line for each file that cannot be used, with option, file and reason. */
  readonly problems: readonly string[]

  /** What can be used, but needs attention: a line each. */
  readonly warnings: readonly string[]

  /** Undefined if there are problems. */
  readonly context: SecureContextOptions | undefined

  /** Certificate and client CAs, those that could be read. */
  readonly certificates: readonly NamedCertificate[]

  /** Equal if, and only if, every file holds the same as before, or fails in the same way. */
  readonly fingerprint: string
}

/**
 * Reads certificate, key and CA, and checks that a server can be run with them. Nothing of a key is in what is
 * said about it.
 *
 * @param section of the configuration, for messages: `[http]`
 */
export async function readTlsFiles(
  files: TlsFiles,
  section: string,
  now: Date = new Date(),
): Promise<TlsContent> {
  const paths = [files.certificate, files.key || files.certificate, files.clientCa || undefined]
  const [certificate, key, ca] = await Promise.all(paths.map(read))
  const problems: string[] = []
  const name = (option: string, path: string) => `${section} https-${option} (${path})`
  const certificateName = name('certificate', files.certificate)
  const authorityName = name('client-ca', files.clientCa ?? '')
  const keyName = name('private-key', files.key || files.certificate)

  function parsed<T>(title: string, file: PemFile | undefined, parse: (pem: string) => T | string) {
    if (file === undefined) return undefined
    const result = 'reason' in file ? `cannot be read: ${file.reason}` : parse(file.pem)
    if (typeof result !== 'string') return result
    problems.push(`${title} ${result}`)
    return undefined
  }

  const chain = parsed(certificateName, certificate, certificatesIn)
  // With one file for both, its certificate says what there is to say
  const isKeyToBlame = files.key !== '' || chain !== undefined
  const privateKey = isKeyToBlame ? parsed(keyName, key, keyIn) : undefined
  const authorities = parsed(authorityName, ca, certificatesIn)

  const made = chain && privateKey && contextOf(chain, privateKey, authorities)
  if (typeof made === 'string') problems.push(`${keyName} ${made} ${certificateName}`)
  // What follows the first of a chain is the CA's to renew
  const certificates = [
    ...(chain?.slice(0, 1) ?? []).map((certificate) => ({ title: certificateName, certificate })),
    ...(authorities ?? []).map((certificate) => ({ title: authorityName, certificate })),
  ]
  const isOpen = privateKey && key && 'pem' in key && key.isWorldReadable
  const warnings = [
    ...certificates.flatMap((named) => dateWarnings(named, now)),
    ...(isOpen ? [`${keyName}: every user of this machine may read it`] : []),
  ]
  return {
    problems,
    warnings,
    certificates,
    context: problems.length === 0 && typeof made === 'object' ? made : undefined,
    fingerprint: createHash('sha256')
      .update(JSON.stringify([certificate, key, ca], ['pem', 'reason']))
      .digest('hex'),
  }
}

type PemFile =
  | { readonly pem: string; readonly isWorldReadable: boolean }
  | { readonly reason: string }

async function read(path: string | undefined): Promise<PemFile | undefined> {
  if (path === undefined) return undefined
  try {
    const { bytes, mode } = readRegularFile(path)
    return { pem: bytes.toString(), isWorldReadable: isWorldReadable(mode) }
  } catch (error) {
    return { reason: (error as Error).message }
  }
}

function certificatesIn(pem: string): X509Certificate[] | string {
  const certificates = parseCertificates(pem)
  return certificates?.map((one) => new X509Certificate(one)) ?? 'is not a certificate in PEM'
}

function keyIn(pem: string): KeyObject | string {
  try {
    return createPrivateKey(pem)
  } catch {
    return 'is not a private key in PEM without a passphrase'
  }
}

function contextOf(
  chain: readonly X509Certificate[],
  key: KeyObject,
  authorities: readonly X509Certificate[] | undefined,
): SecureContextOptions | string {
  if (!chain[0]?.checkPrivateKey(key)) return 'does not belong to'
  const context: SecureContextOptions = {
    cert: chain.join('\n'),
    key: key.export({ type: 'pkcs8', format: 'pem' }),
    ...TRUST,
    ...(authorities && { ca: authorities.map(String) }),
  }
  try {
    createSecureContext(context)
    return context
  } catch (error) {
    return `cannot be used (${(error as NodeJS.ErrnoException).code ?? (error as Error).message}) with`
  }
}

function dateWarnings({ title, certificate }: NamedCertificate, now: Date): string[] {
  const warning = expiryWarning(certificate, now)
  return warning === undefined ? [] : [`${title} ${warning}`]
}
