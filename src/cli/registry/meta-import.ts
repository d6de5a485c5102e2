import { readFile } from 'node:fs/promises'
import { isUsableHash } from '../../authn/passwords/password-hash.js'
import type { Config } from '../../config/config.js'
import { AuthError } from '../../errors.js'
import { exportAll } from '../../meta-client/export.js'
import { metaClientOptions } from '../../meta-client/from-config.js'
import { parseExportedRoles, parseExportedUsers } from '../../registry/import/import-documents.js'
import { importRegistry } from '../../registry/import/import-registry.js'
import type { Existing, Export, ImportPlan } from '../../registry/import/plan-import.js'
import { newUserFault } from '../../registry/name.js'
import { openStore } from '../../serve/open-store.js'
import { escaped, shown } from '../../text/printable.js'

export interface ImportFlags {
  readonly users?: string
  readonly roles?: string
  readonly from?: string
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
  const store = await openStore(config)
  try {
    const plan = await importRegistry(store, exported, { existing, dryRun, withoutAdmin })
    if (dryRun) for (const { says } of plan.steps) process.stdout.write(`${says}\n`)
    process.stderr.write(`${summary(plan, dryRun)}\n`)
  } finally {
    await store.close()
  }
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

async function readExport(config: Config, { users, roles, from }: ImportFlags): Promise<Export> {
  if (from !== undefined) {
    const bodies = await ask(config, from)
    return {
      users: parse('GET /user', bodies.users, parseExportedUsers),
      roles: parse('GET /role', bodies.roles, parseExportedRoles),
    }
  }
  return {
    users: users === undefined ? [] : parse(users, await load(users), parseExportedUsers),
    roles: roles === undefined ? [] : parse(roles, await load(roles), parseExportedRoles),
  }
}

async function ask({ auth }: Config, from: string) {
  const [, scheme = 'http', address = ''] = /^(?:(https?):\/\/)?([^/?#@]+)\/?$/.exec(from) ?? []
  const { port } = URL.canParse(`http://${address}`) ? new URL(`http://${address}`) : { port: '' }
  if (port === '')
    throw mistake(`--from ${shown(from)} is not http://host:port or https://host:port`)
  const metaUseTls = scheme === 'https'
  try {
    return await exportAll(metaClientOptions({ ...auth, metaAddr: [address], metaUseTls }))
  } catch (error) {
    if (!(error instanceof AuthError) || !(error.cause instanceof Error)) throw error
    const message = `${error.message}: ${escaped(error.cause.message)}`
    throw new AuthError(error.code, message, { cause: error })
  }
}

async function load(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw mistake(`${escaped(path)} cannot be read: ${(cause as Error).message}`)
  }
}

function parse<T>(source: string, text: string, parser: (text: string) => T): T {
  try {
    return parser(text)
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    throw new AuthError(error.code, `${escaped(source)}: ${error.message}; nothing was changed`)
  }
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

function mistake(message: string): AuthError {
  return new AuthError('ERR_CONFIG_INVALID', message)
}
