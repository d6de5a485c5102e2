import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { PasswordHasher } from '../authn/passwords/hasher.js'
import { isUsablePassword } from '../authn/passwords/password.js'
import type { HashCost } from '../authn/passwords/password-hash.js'
import { ADMIN_PERMISSIONS } from '../authz/permission.js'
import { AuthError } from '../errors.js'
import { isOwnToken, TOKEN_AS_PASSWORD } from '../text/own-token-form.js'
import type { Milliseconds } from '../time.js'
import { newNameFault } from './name.js'
import type { Registry } from './registry.js'

export { ADMIN_PERMISSIONS }

export interface FirstAdminOptions {
  username: string

  /** @default a random one of 32 characters */
  password?: string | undefined

  /** How the password is hashed. */
  cost: HashCost

  /** Called with the password before the administrator is made; if it rejects, none is. @default not called */
  announce?: ((password: string) => Promise<void>) | undefined

  /** Waits, while another node makes the administrator. @default a timer */
  wait?: (ms: Milliseconds) => Promise<unknown>
}

/** `announced`: a password was announced that does not count, because another node has made the administrator. */
export type FirstAdmin =
  | { created: true; password: string }
  | { created: false; announced: boolean }

/** How long another node may take from its claim to the administrator: the announcement, and one change. */
const PATIENCE: Milliseconds = 10_000
const LOOK: Milliseconds = 100

/**
 * Gives a registry without users an administrator. One with users is left alone. Of several nodes that start at the
 * same time one does it, and announces its password; the others wait, and take over from one that was killed meanwhile.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` for a name or a password that cannot be one
 */
export async function ensureAdmin(
  registry: Registry,
  hasher: PasswordHasher,
  options: FirstAdminOptions,
): Promise<FirstAdmin> {
  const { username, cost } = options
  if (!(await isWithoutUsers(registry))) return { created: false, announced: false }
  const fault = newNameFault(username)
  if (fault) throw new AuthError('ERR_CONFIG_INVALID', `the administrator's name ${fault}`)
  const password = options.password ?? randomBytes(16).toString('hex')
  if (!isUsablePassword(password)) {
    const message = "the administrator's password must be 1 to 72 bytes long, without NUL"
    throw new AuthError('ERR_CONFIG_INVALID', message)
  }
  if (isOwnToken(password)) {
    throw new AuthError('ERR_CONFIG_INVALID', `the administrator's password ${TOKEN_AS_PASSWORD}`)
  }
  const hash = await hasher.hash(password, cost, { name: username })
  const claimant = randomUUID()
  if (!(await claim(registry, claimant, options.wait ?? setTimeout))) {
    return { created: false, announced: false }
  }
  try {
    await options.announce?.(password)
  } catch (error) {
    await registry.releaseFirstUser(claimant).catch(() => {})
    throw error
  }
  const created = await registry.createFirstUser(claimant, username, hash, ADMIN_PERMISSIONS)
  return created ? { created, password } : { created, announced: true }
}

/** @returns whether it is ours to make the administrator; false once there are users */
async function claim(
  registry: Registry,
  claimant: string,
  wait: (ms: Milliseconds) => Promise<unknown>,
): Promise<boolean> {
  let other: string | undefined
  for (let waited = 0; ; waited += LOOK) {
    const instead = waited >= PATIENCE ? other : undefined
    const holder = await registry.claimFirstUser(claimant, instead)
    if (holder === undefined || holder === claimant) return holder !== undefined
    if (holder !== other) waited = 0
    other = holder
    await wait(LOOK)
  }
}

function isWithoutUsers(registry: Registry): Promise<boolean> {
  return registry.read(async (state) => {
    for await (const _ of state.users()) return false
    return true
  })
}
