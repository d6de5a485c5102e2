import { AuthError } from '../../errors.js'
import { hasAdmin, keepAnAdmin } from '../last-admin.js'
import { createPauses } from '../pause-now-and-then.js'
import { createDraft } from '../store/draft.js'
import type { Draft, Snapshot, Store } from '../store/store.js'
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
 * Adds users and roles of an export to a store. It is planned and checked as a whole before anything is changed. Where a
 * change may hold any number of keys it is made in one, planned in that very change. Elsewhere it is made in several; what
 * somebody else changes in between is not overwritten, but ends it, and so it can be repeated.
 *
 * @param onProgress called now and then with how many of the steps are done
 * @returns what was done, or would be
 * @throws AuthError as `planImport`, and `ERR_CONFLICT` if nobody would be an administrator
 */
export async function importRegistry(
  store: Store,
  exported: Export,
  options: ImportOptions,
  onProgress: (done: number, all: number) => void = () => {},
): Promise<ImportPlan> {
  if (!options.dryRun && store.maxWrites === Number.POSITIVE_INFINITY) {
    return store.change((draft) => importInto(draft, exported, options, onProgress))
  }
  const plan = await store.read((snapshot) => tryImport(snapshot, exported, options))
  if (options.dryRun) return plan
  let done = 0
  for (const piece of pieces(plan.steps, store.maxWrites)) {
    const isLast = done + piece.length === plan.steps.length
    await store
      .change((draft) => apply(draft, piece, options.withoutAdmin || !isLast, createPauses()))
      .catch((error) => {
        throw stopped(error, done, plan.steps.length)
      })
    done += piece.length
    onProgress(done, plan.steps.length)
  }
  return plan
}

/** What an import would come to; nothing is changed. @throws AuthError as `importRegistry` */
export function tryImport(
  snapshot: Snapshot,
  exported: Export,
  options: Pick<ImportOptions, 'existing' | 'withoutAdmin'>,
): Promise<ImportPlan> {
  return importInto(createDraft(snapshot).draft, exported, options)
}

async function importInto(
  draft: Draft,
  exported: Export,
  { existing, withoutAdmin }: Pick<ImportOptions, 'existing' | 'withoutAdmin'>,
  onProgress: (done: number, all: number) => void = () => {},
): Promise<ImportPlan> {
  const plan = await planImport(draft, exported, existing)
  const turn = createPauses((done) => onProgress(done, plan.steps.length))
  await apply(draft, plan.steps, withoutAdmin, turn)
  return plan
}

async function apply(
  draft: Draft,
  steps: readonly ImportStep[],
  withoutAdmin: boolean,
  turn: () => Promise<void>,
): Promise<void> {
  await keepAnAdmin(draft, 'import', async () => {
    for (const step of steps) {
      await step.apply(draft)
      await turn()
    }
  })
  if (withoutAdmin || (await hasAdmin(draft))) return
  const why = 'nobody would hold all permissions, so nobody could read users'
  throw new AuthError('ERR_CONFLICT', `${why}: give --without-admin to import all the same`)
}

function stopped(error: unknown, done: number, all: number): unknown {
  if (!(error instanceof AuthError)) return error
  const message = `${error.message}; ${done} of ${all} changes were made: repeat the import`
  return new AuthError(error.code, message, { cause: error })
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
