import { AuthError } from '../../errors.js'
import { hasAdmin, keepAnAdmin } from '../last-admin.js'
import type { Draft, Store } from '../store/store.js'
import {
  type Existing,
  type Export,
  type ImportPlan,
  type ImportStep,
  planImport,
} from './plan-import.js'

export interface ImportOptions {
  readonly existing: Existing
  /** Whether nothing is changed, only planned. */
  readonly dryRun: boolean
  /** Whether it may end without an administrator. */
  readonly withoutAdmin: boolean
}

/**
 * Adds users and roles of an export to a store: in one change, whole or not at all; in several where the store's changes
 * hold only so much, which can be repeated.
 *
 * @returns what was done, or would be
 * @throws AuthError as `planImport`, and `ERR_CONFLICT` if nobody would be an administrator
 */
export async function importRegistry(
  store: Store,
  exported: Export,
  { existing, dryRun, withoutAdmin }: ImportOptions,
): Promise<ImportPlan> {
  if (dryRun) return store.read((snapshot) => planImport(snapshot, exported, existing))
  if (store.maxWrites === Number.POSITIVE_INFINITY) {
    return store.change(async (draft) => {
      const plan = await planImport(draft, exported, existing)
      await apply(draft, plan.steps)
      if (!withoutAdmin && !(await hasAdmin(draft))) throw withoutAnAdmin()
      return plan
    })
  }
  const plan = await store.read((snapshot) => planImport(snapshot, exported, existing))
  for (const piece of pieces(plan.steps, store.maxWrites)) {
    await store.change((draft) => apply(draft, piece))
  }
  return plan
}

function apply(draft: Draft, steps: readonly ImportStep[]): Promise<void> {
  return keepAnAdmin(draft, 'import', async () => {
    for (const step of steps) step.apply(draft)
  })
}

function* pieces(steps: readonly ImportStep[], most: number): Generator<readonly ImportStep[]> {
  let piece: ImportStep[] = []
  let writes = 0
  for (const step of steps) {
    if (writes + step.writes > most && piece.length > 0) {
      yield piece
      piece = []
      writes = 0
    }
    piece.push(step)
    writes += step.writes
  }
  if (piece.length > 0) yield piece
}

function withoutAnAdmin(): AuthError {
  const why = 'nobody would hold all permissions, so nobody could read users'
  return new AuthError('ERR_CONFLICT', `${why}: give --without-admin to import all the same`)
}
