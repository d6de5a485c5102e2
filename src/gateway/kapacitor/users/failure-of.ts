import { AuthError } from '../../../errors.js'
import type { ChangeReport } from '../../../registry/changes/change-report.js'

/** What the audit log says of a change that was not made. */
export function failureOf(error: unknown): Pick<ChangeReport, 'outcome' | 'code'> {
  if (!(error instanceof AuthError)) return { outcome: 'failed', code: 'ERR_INTERNAL' }
  return { outcome: error.status < 500 ? 'refused' : 'failed', code: error.code }
}
