import { createHasher, hashCost } from '../../authn/passwords/configured-hashing.js'
import { isUsablePassword } from '../../authn/passwords/password.js'
import type { Config } from '../../config/config.js'
import { grantsObject } from '../../registry/grants.js'
import { newUserFault } from '../../registry/name.js'
import { createRegistry } from '../../registry/registry.js'
import type { Store } from '../../registry/store/store.js'
import type { UserRecord } from '../../registry/user-record.js'
import { openExistingStore, registryPlace } from '../../serve/meta-node/open-store.js'
import { isOwnToken, TOKEN_AS_PASSWORD } from '../../text/own-token-form.js'
import { shown } from '../../text/printable.js'
import { print } from '../../text/standard-output.js'
import { mistake } from '../mistake.js'
import { askFirst } from '../terminal/ask-first.js'
import { openTerminal } from '../terminal/terminal.js'
import { newPassword } from '../users/new-password.js'
import type { NewPasswordFlags } from '../users/new-password-flags.js'
import { auditCommand } from './audit-command.js'

export interface ResetAdminFlags extends NewPasswordFlags {
  readonly username?: string
  readonly yes?: boolean
}

/**
 * The command: a new password and all permissions for an administrator, for
 * operators who can write to the registry itself. A server that runs on it sees it like every change.
 */
export async function runResetAdmin(config: Config, flags: ResetAdminFlags): Promise<void> {
  const name = flags.username ?? config.meta.adminUsername
  const fault = newUserFault(name)
  if (fault) throw mistake(`--username ${shown(name)} ${fault}`)
  const store = await openExistingStore(config)
  if (!store) throw mistake(`there is no registry in ${registryPlace(config)}`)
  try {
    await resetAdmin(config, store, name, flags)
  } finally {
    await store.close()
  }
}

async function resetAdmin(
  config: Config,
  store: Store,
  name: string,
  flags: ResetAdminFlags,
): Promise<void> {
  const registry = createRegistry(store)
  const terminal = openTerminal()
  let password: string
  try {
    const isThere = (await registry.getUser(name)) !== undefined
    const deed = isThere
      ? `give user ${shown(name)} in ${registryPlace(config)} a new password and all permissions`
      : `make ${shown(name)}, who is not a user of ${registryPlace(config)} yet, an administrator`
    await askFirst(deed, flags.yes, terminal)
    password = await newPassword(name, flags, terminal)
  } finally {
    terminal?.close()
  }
  requirePassword(password, config.meta.passwordMinLength)
  if (flags.generate) await print(`${password}\n`) // before it counts, so that it cannot be lost
  const hasher = createHasher(config.auth)
  const hash = await hasher.hash(password, hashCost(config.meta)).finally(() => hasher.close())
  const before = await registry.resetAdmin(name, hash)
  const did = before
    ? 'has a new password and holds all permissions'
    : 'was created as an administrator'
  process.stderr.write(`user ${shown(name)} ${did}\n`)
  await auditCommand(config, 'meta reset-admin', {
    outcome: 'made',
    change: 'reset-admin',
    subject: 'user',
    name,
    before: permissionsOf(before),
    after: permissionsOf(await registry.getUser(name)),
  })
}

const permissionsOf = (user: UserRecord | undefined) =>
  user && { permissions: grantsObject(user.permissions) ?? {} }

function requirePassword(password: string, minLength: number): void {
  if (!isUsablePassword(password)) {
    throw mistake('the password must be 1 to 72 bytes long, without NUL')
  }
  if (isOwnToken(password)) throw mistake(`the password ${TOKEN_AS_PASSWORD}`)
  const characters = [...password].length
  if (characters >= minLength) return
  throw mistake(`the password is ${characters} characters long, at least ${minLength} are needed`)
}
