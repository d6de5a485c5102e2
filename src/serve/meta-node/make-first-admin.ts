import { hashCost } from '../../authn/passwords/configured-hashing.js'
import type { PasswordHasher } from '../../authn/passwords/hasher.js'
import type { Config } from '../../config/config.js'
import type { Logger } from '../../log/logger.js'
import { ADMIN_PERMISSIONS, ensureAdmin } from '../../registry/first-admin.js'
import { grantsObject } from '../../registry/grants.js'
import type { Registry } from '../../registry/registry.js'
import { shown } from '../../text/printable.js'
import type { MetaNodeLogs } from './meta-node-logs.js'

/** The administrator of a first start; with the password, if it was generated. */
export interface FirstAdmin {
  readonly name: string
  readonly password: string | undefined
}

export interface MakeFirstAdminOptions {
  readonly registry: Registry
  readonly hasher: PasswordHasher
  readonly meta: Config['meta']
  readonly logger: Logger

  /** Shows the administrator, and the password if it was generated; if it rejects, none is made. */
  readonly announce: (admin: FirstAdmin) => Promise<void>

  /** Hears that it was made. */
  readonly onChange: MetaNodeLogs['onChange']
}

/** Makes the administrator that `[meta]` names if there are no users at all; unless a query is to make one. */
export async function makeFirstAdmin(options: MakeFirstAdminOptions): Promise<void> {
  const { registry, hasher, meta, logger, announce, onChange } = options
  const { adminUsername: name, adminPassword } = meta
  if (meta.firstAdmin === 'query') return // InfluxDB's API makes one
  const configured = adminPassword?.reveal()
  const made = await ensureAdmin(registry, hasher, {
    username: name,
    password: configured,
    cost: hashCost(meta),
    announce: (password) =>
      announce({ name, password: configured === undefined ? password : undefined }),
  })
  if (made.created) {
    onChange(
      { via: 'first-start' },
      {
        outcome: 'made',
        change: 'create',
        subject: 'user',
        name,
        after: { permissions: grantsObject(ADMIN_PERMISSIONS) ?? {} },
      },
    )
  } else if (made.announced) {
    logger.warn(
      {},
      'another meta node has made the administrator: the password that was shown here is not valid',
    )
  } else if (configured !== undefined) await warnOfUnusedPassword(options, configured)
}

/** A configured password that is not the administrator's has no effect, which the operator may not expect. */
async function warnOfUnusedPassword(
  { registry, hasher, meta, logger }: MakeFirstAdminOptions,
  configured: string,
): Promise<void> {
  const { adminUsername: name } = meta
  const account = await registry.getAccount(name)
  if (account?.hash && (await hasher.compare(configured, account.hash))) return
  const state = account
    ? `the password of user ${shown(name)} is another`
    : `there is no user ${shown(name)}`
  logger.warn(
    {},
    `[meta] admin-password is used at the first start only, and ${state}; use kapacitor-auth user passwd`,
  )
}
