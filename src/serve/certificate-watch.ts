import { X509Certificate } from 'node:crypto'
import type { Part } from '../admin/administered.js'
import type { CertificateExpiry } from '../admin/certificate-metrics.js'
import type { Config } from '../config/config.js'
import type { Logger } from '../log/logger.js'
import { readRegularFile } from '../text/regular-file.js'
import { DAY, type Milliseconds } from '../time.js'
import { daysLeft, expiryWarning, type NamedCertificate } from '../tls/expiry.js'
import { parseCertificates } from '../tls/pem.js'
import { type NamedFile, namedCertificateFiles } from './tls-paths.js'

/** Warns of certificates that are about to expire, and have expired, while the server runs. */
export interface CertificateWatch {
  /** What readiness shows: how long each is still valid. */
  parts(): Part[]
  /** What metrics show. */
  expiries(): CertificateExpiry[]
  /** Watches the files of another configuration from now on. */
  use(config: Config): void
  close(): void
}

/** How often the files are looked at; and at the moment at which a certificate expires. */
const INTERVAL: Milliseconds = DAY / 4

/**
 * @param clock the time, in milliseconds since 1970
 * @param filesOf which files of a configuration are watched
 */
export function watchCertificates(
  first: Config,
  logger: Logger,
  clock: () => Milliseconds = Date.now,
  filesOf: (config: Config) => NamedFile[] = namedCertificateFiles,
): CertificateWatch {
  let config = first
  let timer: NodeJS.Timeout | undefined
  /** What was last logged of each. */
  const logged = new Map<string, string>()

  function check(): void {
    const now = new Date(clock())
    const certificates = certificatesIn(filesOf(config))
    for (const one of certificates) warn(one, now)
    const left = certificates.map(({ certificate }) => daysLeft(certificate, now) * DAY)
    const next = Math.min(INTERVAL, ...left.filter((time) => time >= 0))
    timer = setTimeout(check, next + 1).unref()
  }

  function warn({ title, certificate }: NamedCertificate, now: Date): void {
    const warning = expiryWarning(certificate, now)
    if (warning === undefined || logged.get(title) === warning) return
    logged.set(title, warning)
    const says = `${title} ${warning}`
    if (daysLeft(certificate, now) > 0) logger.warn({}, says)
    else logger.error({}, says)
  }

  check()
  return {
    parts: () => certificatesIn(filesOf(config)).map((one) => partOf(one, new Date(clock()))),
    expiries: () =>
      certificatesIn(filesOf(config)).map(({ title, certificate }) => ({
        option: optionOf(title),
        expires: Date.parse(certificate.validTo),
      })),
    use(next) {
      clearTimeout(timer)
      config = next
      check()
    },
    close: () => clearTimeout(timer),
  }
}

/** An expired certificate is shown; whether clients accept it is for them to say. */
function partOf({ title, certificate }: NamedCertificate, now: Date): Part {
  const days = Math.floor(daysLeft(certificate, now))
  const left = days === 1 ? '1 day' : `${days} days`
  const reason = `${days < 0 ? 'has expired' : `expires in ${left}`}: ${certificate.validTo}`
  return { name: `certificate ${optionOf(title)}`, ready: true, reason }
}

/** The title without the path. */
function optionOf(title: string): string {
  return title.replace(/ \(.*/s, '')
}

/** Those in the files now; a file that cannot be read has been reported by its user. */
function certificatesIn(files: readonly NamedFile[]): NamedCertificate[] {
  return files.flatMap(({ option, path }) => {
    try {
      const [certificate] = parseCertificates(readRegularFile(path).bytes.toString()) ?? []
      if (certificate === undefined) return []
      return [{ title: `${option} (${path})`, certificate: new X509Certificate(certificate) }]
    } catch {
      return []
    }
  })
}
