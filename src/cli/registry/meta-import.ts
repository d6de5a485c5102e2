import { isUsableHash } from '../../authn/passwords/password-hash.js'
import type { Config } from '../../config/config.js'
import {
  type ImportOptions,
  importRegistry,
  tryImport,
} from '../../registry/import/import-registry.js'
import type { Existing, Export, ImportPlan } from '../../registry/import/plan-import.js'
import { newUserFault } from '../../registry/name.js'
import { NO_STATE } from '../../registry/store/draft.js'
import { openExistingStore, openStore } from '../../serve/meta-node/open-store.js'
import { shown } from '../../text/printable.js'
import { mistake } from '../mistake.js'
import { interruptible } from '../terminal/interruptible.js'
import { output } from '../terminal/output.js'
import { auditCommand } from './audit-command.js'
import { startWork } from './long-work.js'
import { type ExportSource, readExport } from './read-export.js'

export interface ImportFlags extends ExportSource {
  readonly replace?: boolean
  readonly skipExisting?: boolean
  readonly dryRun?: boolean
  readonly withoutAdmin?: boolean
}

/** How many names a warning lists. */
const LISTED = 10

/** The command: adds the users and roles of an InfluxDB Enterprise to the registry. */
export async function runImport(config: Config, flags: ImportFlags): Promise<void> {
  const existing = existingOf(flags)
  const exported = await readExport(config, flags)
  for (const warning of warningsOf(exported)) process.stderr.write(`${warning}\n`)
  const { dryRun = false, withoutAdmin = false } = flags
  const options = { existing, dryRun, withoutAdmin }
  const plan = dryRun
    ? await tryOnly(config, exported, options)
    : await importAll(config, exported, options)
  if (dryRun) await output(plan.steps.map(({ says }) => `${says}\n`).join(''))
  process.stderr.write(`${summary(plan, dryRun)}\n`)
}

/** Nothing is made, not even a registry where there is none. */
async function tryOnly(
  config: Config,
  exported: Export,
  options: ImportOptions,
): Promise<ImportPlan> {
  const store = await openExistingStore(config)
  try {
    return store
      ? await importRegistry(store, exported, options)
      : await tryImport(NO_STATE, exported, options)
  } finally {
    await store?.close()
  }
}

async function importAll(
  config: Config,
  exported: Export,
  options: ImportOptions,
): Promise<ImportPlan> {
  const work = startWork()
  let made = 0
  let isWhole = true
  const consequence = () => {
    if (isWhole || made === 0) return 'nothing was changed'
    return `${made} changes were made: repeat the import`
  }
  return interruptible(async () => {
    const store = await openStore(config)
    isWhole = store.maxWrites === Number.POSITIVE_INFINITY
    try {
      const plan = await importRegistry(store, exported, options, (done, all) => {
        made = done
        work.progress(`${done} of ${all} changes`)
      })
      work.end()
      if (plan.steps.length > 0) {
        await auditCommand(config, 'meta import', {
          ...{ outcome: 'made', change: 'import', subject: 'registry' },
          after: { changes: plan.steps.length },
        })
      }
      return plan
    } finally {
      work.end()
      await store.close()
    }
  }, consequence)
}

/** @throws AuthError if flags contradict each other, or none says what to import */
export function existingOf({ users, roles, from, replace, skipExisting }: ImportFlags): Existing {
  if (replace && skipExisting) throw mistake('--replace and --skip-existing contradict each other')
  if (from !== undefined && (users ?? roles) !== undefined) {
    throw mistake('--from goes without --users and --roles')
  }
  if ((from ?? users ?? roles) === undefined) {
    throw mistake('name what to import: --users and --roles, or --from')
  }
  if (replace) return 'replace'
  return skipExisting ? 'skip' : 'refuse'
}

function warningsOf({ users }: Export): string[] {
  const hashless = users.filter(({ hash }) => !isUsableHash(hash)).map(({ name }) => name)
  const nameless = users.filter(({ name }) => newUserFault(name)).map(({ name }) => name)
  return [
    ...warning(
      hashless,
      'no hash that can be checked here, so no password is right: set a new one',
    ),
    ...warning(nameless, 'a colon in the name, so that HTTP Basic cannot be used'),
  ]
}

function warning(names: readonly string[], what: string): string[] {
  if (names.length === 0) return []
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : ''
  return [`${names.slice(0, LISTED).map(shown).join(', ')}${more}: ${what}`]
}

function summary({ steps, skipped, same }: ImportPlan, dryRun: boolean): string {
  const did = `${steps.length} ${steps.length === 1 ? 'change' : 'changes'}`
  const parts = [dryRun ? `${did} would be made` : `${did} made`, `${same} the same already`]
  if (skipped.length > 0) parts.push(`${skipped.length} left as they are`)
  return parts.join(', ')
}
