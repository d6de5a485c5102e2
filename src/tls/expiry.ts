import type { X509Certificate } from 'node:crypto'
import { DAY } from '../time.js'

/** A certificate in use, and how messages call it: key and file. */
export interface NamedCertificate {
  readonly title: string
  readonly certificate: X509Certificate
}

/** How many days a certificate is still valid, with a fraction; negative once it has expired. */
export function daysLeft({ validTo }: Pick<X509Certificate, 'validTo'>, now: Date): number {
  return (Date.parse(validTo) - now.getTime()) / DAY
}

/**
 * What an operator should know about a certificate's dates: `has expired: …`, `is not valid before …`, or, in its last
 * 14 days (in the last quarter of its lifetime if that is shorter), `expires in 3 days: …`. Undefined if it is fine.
 */
export function expiryWarning(certificate: X509Certificate, now: Date): string | undefined {
  const { validFrom, validTo } = certificate
  const left = daysLeft(certificate, now)
  if (left <= 0) return `has expired: ${validTo}`
  if (now.getTime() < Date.parse(validFrom)) return `is not valid before ${validFrom}`
  const lifetime = (Date.parse(validTo) - Date.parse(validFrom)) / DAY
  return left < Math.min(14, lifetime / 4) ? `expires in ${period(left)}: ${validTo}` : undefined
}

function period(days: number): string {
  const [count, unit] = days >= 1 ? [Math.floor(days), 'day'] : [Math.floor(days * 24), 'hour']
  if (count === 0) return 'less than an hour'
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
