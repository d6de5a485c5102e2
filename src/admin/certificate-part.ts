import type { Part } from './administered.js'
import { daysLeft, type ShownCertificate } from './certificate-metrics.js'

/**
 * The part of readiness that shows the certificate which expires first; undefined without certificates. One that has expired
 * is shown, and does not make the server unready: it may be that every server has the same one.
 */
export function certificatePart(
  certificates: readonly ShownCertificate[],
  now: number = Date.now(),
): Part | undefined {
  const [first] = [...certificates].sort((a, b) => daysLeft(a, now) - daysLeft(b, now))
  if (!first) return undefined
  const days = daysLeft(first, now)
  const isOver = Date.parse(first.certificate.validTo) <= now
  const when = isOver
    ? `expired on ${first.certificate.validTo}`
    : `expires in ${days} days, on ${first.certificate.validTo}`
  const reason = `${first.title} ${when}`
  return { name: 'certificates', ready: !isOver, required: false, reason, daysLeft: days }
}
