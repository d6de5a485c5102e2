import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Part } from '../admin/administered.js'
import type { CertificateExpiry } from '../admin/certificate-metrics.js'
import type { Config } from '../config/config.js'
import type { Logger } from '../log/logger.js'
import type { Milliseconds } from '../time.js'
import { parseCertificates } from '../tls/pem.js'
import { type NamedFile, namedCertificates } from './tls-paths.js'

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

const DAY: Milliseconds = 86_400_000

/** How often the files are looked at. */
const INTERVAL: Milliseconds = DAY / 4

/** A warning is logged when no more than this many days are left; at 0 the certificate has expired. */
const WARN_AT: readonly number[] = [30, 14, 7, 3, 1, 0]

/**
 * @param now the time, in milliseconds since 1970
 * @param filesOf which files of a configuration are watched
 */
export function watchCertificates(
  first: Config,
  logger: Logger,
  now: () => Milliseconds = Date.now,
  filesOf: (config: Config) => NamedFile[] = namedCertificates,
): CertificateWatch {
  let files = filesOf(first)
  let timer: NodeJS.Timeout | undefined
  /** For each file the certificate that was warned of, and at how many days. */
  const warned = new Map<string, string>()

  function check(): void {
    const left = files.map((file) => {
      const expiry = expiryOf(file)
      if (expiry === undefined) return INTERVAL
      warn(file, expiry)
      return expiry - now()
    })
    const next = Math.min(INTERVAL, ...left.filter((ms) => ms > 0))
    timer = setTimeout(check, next + 1).unref()
  }

  function warn({ option, path }: NamedFile, expiry: Milliseconds): void {
    const days = (expiry - now()) / DAY
    const threshold = WARN_AT.findLast((limit) => days <= limit)
    if (threshold === undefined) return
    const warning = `${expiry} ${threshold}`
    if (warned.get(option) === warning) return
    warned.set(option, warning)
    const fields = { option, path, expires: new Date(expiry).toISOString() }
    if (threshold === 0) logger.error(fields, 'certificate has expired')
    else logger.warn(fields, `certificate expires in ${inDays(days)}`)
  }

  check()
  return {
    parts: () => files.flatMap((file) => partOf(file, now())),
    expiries: () =>
      files.flatMap((file) => {
        const expires = expiryOf(file)
        return expires === undefined ? [] : [{ option: file.option, expires }]
      }),
    use(config) {
      clearTimeout(timer)
      files = filesOf(config)
      check()
    },
    close: () => clearTimeout(timer),
  }
}

/** An expired certificate is shown; whether clients accept it is theirs to say. */
function partOf(file: NamedFile, now: Milliseconds): Part[] {
  const expiry = expiryOf(file)
  if (expiry === undefined) return []
  const date = new Date(expiry).toISOString().slice(0, 10)
  const days = (expiry - now) / DAY
  const reason = days <= 0 ? `has expired: ${date}` : `expires in ${inDays(days)}: ${date}`
  return [{ name: `certificate ${file.option}`, ready: true, reason }]
}

function inDays(days: number): string {
  const whole = Math.floor(days)
  if (whole < 1) return 'less than a day'
  return whole === 1 ? '1 day' : `${whole} days`
}

/** When the first certificate in the file expires; undefined if it cannot be read, which has been reported elsewhere. */
function expiryOf({ path }: NamedFile): Milliseconds | undefined {
  try {
    const [certificate] = parseCertificates(readFileSync(path, 'utf8')) ?? []
    return certificate === undefined
      ? undefined
      : Date.parse(new X509Certificate(certificate).validTo)
  } catch {
    return undefined
  }
}
