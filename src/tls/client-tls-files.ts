import { X509Certificate } from 'node:crypto'
import { AuthError } from '../errors.js'
import { readRegularFile } from '../text/regular-file.js'
import { isWorldReadable } from '../text/text-file.js'
import { expiryWarning } from './expiry.js'
import { parseCertificates } from './pem.js'
import { type TlsMistake, tlsMistakes } from './tls-mistakes.js'

/** The paths of PEM files, for connections to others; `''` where there is none. */
export interface ClientTlsPaths {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** The PEM texts; without those that are not named. */
export interface ClientTls {
  ca?: string
  cert?: string
  key?: string
}

/** What the files hold, checked. */
export interface ClientTlsContent {
  readonly tls: ClientTls
  /** One line for each mistake, with key and path; nothing out of a file. */
  readonly problems: readonly string[]
  /** What can be used, but needs attention: a line each. */
  readonly warnings: readonly string[]
}

const OPTIONS = ['ca', 'cert', 'key'] as const

/**
 * Reads CA, certificate and key, and checks that connections can be made with them.
 *
 * @param prefix what the keys' names begin with in messages: `[auth] meta-`
 */
export function readClientTls(
  prefix: string,
  paths: ClientTlsPaths,
  now: Date = new Date(),
): ClientTlsContent {
  const tls: ClientTls = {}
  const unreadable: TlsMistake[] = []
  const warnings: string[] = []
  for (const option of OPTIONS) {
    if (paths[option] === '') continue
    try {
      const { bytes, mode } = readRegularFile(paths[option])
      tls[option] = bytes.toString()
      if (option === 'key' && isWorldReadable(mode)) {
        warnings.push(`${prefix}key: ${paths.key}: every user of this machine may read it`)
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      const says = SAYS[code ?? ''] ?? `cannot be read (${code})`
      unreadable.push({ option, says })
    }
  }
  const others = tlsMistakes(tls).filter(
    ({ option }) => !unreadable.some((mistake) => mistake.option === option),
  )
  const problems = [...unreadable, ...others].map(
    ({ option, says }) => `${prefix}${option}: ${paths[option] && `${paths[option]} `}${says}`,
  )
  for (const option of ['ca', 'cert'] as const) {
    const certificates = parseCertificates(tls[option] ?? '') ?? []
    // What follows the first of a chain is the CA's to renew
    for (const pem of option === 'ca' ? certificates : certificates.slice(0, 1)) {
      const mistake = expiryWarning(new X509Certificate(pem), now)
      if (mistake) warnings.push(`${prefix}${option}: ${paths[option]} ${mistake}`)
    }
  }
  return { tls, problems, warnings }
}

const SAYS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ERR_NOT_REGULAR_FILE: 'is not a regular file',
}

/**
 * The PEM texts of CA, certificate and key.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`, a line for each that is missing, unreadable or unusable, with key and path
 */
export function loadClientTls(prefix: string, paths: ClientTlsPaths): ClientTls {
  const { tls, problems } = readClientTls(prefix, paths)
  if (problems.length > 0) throw new AuthError('ERR_CONFIG_INVALID', problems.join('\n'))
  return tls
}
