import { failureOf } from '../../errors.js'
import type { ChangeReport } from '../../registry/changes/change-report.js'

/** What is to become of which token. */
export interface TokenChange {
  readonly change: 'create' | 'update' | 'revoke'
  readonly subject: 'token' | 'subscription'
  /** The id; undefined for one that is to be made. */
  readonly id?: string | undefined
}

/** What was changed, as it is reported: no secret and no digest is in it. */
export interface MadeChange<T> {
  readonly result: T
  readonly id: string
  readonly before?: object | undefined
  readonly after?: object | undefined
}

/** Makes a change by `make`, and reports what became of it; what `make` throws is thrown on. */
export async function reportTokenChange<T>(
  { id, ...head }: TokenChange,
  report: (report: ChangeReport) => void,
  make: () => Promise<MadeChange<T>>,
): Promise<T> {
  let made: MadeChange<T>
  try {
    made = await make()
  } catch (error) {
    report({ ...head, name: id, ...failureOf(error) })
    throw error
  }
  const { before, after } = made
  const isSame = JSON.stringify(before) === JSON.stringify(after)
  report({
    ...head,
    name: made.id,
    ...(isSame ? { outcome: 'unchanged' } : { outcome: 'made', before, after }),
  })
  return made.result
}
