import type { Metrics } from '../admin/metrics.js'
import { checkProvider } from '../authn/subjects/provider-sign-in.js'
import type { Config } from '../config/config.js'
import type { Logger } from '../log/logger.js'
import { metaTlsPaths } from '../meta-client/from-config.js'
import type { Asked, Decision } from '../middleware/decision.js'
import { createOwnLogin, type OwnLogin } from '../middleware/own-login.js'
import type { Door, DoorApp, DoorParts } from './doors/door.js'
import type { Accounts } from './meta-node/accounts.js'
import { type AuditLog, openAuditLog } from './open-logs.js'
import { changedKeys } from './reload/changed-keys.js'
import { fingerprintOf } from './reload/fingerprint.js'
import { createShared, type Shared } from './shared.js'

/** All that one configuration makes in this process: an app for each door, and what they share. A reload makes a new one. */
export interface Generation {
  readonly config: Config

  /** Undefined where no door needs it. A reload that changes nothing of it goes on with the same one. */
  readonly login: Shared<OwnLogin> | undefined

  /** Of the files that the login was made of. */
  readonly loginFiles: string

  readonly audit: AuditLog

  /** Each holds login and audit log until it is closed; the last one closes them. */
  readonly apps: ReadonlyMap<Door, DoorApp>

  readonly onDecision: (asked: Asked, decision: Decision) => void
}

export interface GenerationOptions {
  readonly doors: readonly Door[]
  readonly logger: Logger
  readonly metrics: Metrics
  /** The embedded meta node's accounts and threads; without them `[auth] meta-addr` is asked. */
  readonly embedded?: Pick<Accounts, 'store' | 'directory' | 'hasher' | 'provider'> | undefined
  /** Hears when a query made, changed or dropped databases or retention policies of InfluxDB. */
  readonly onPolicyChange: () => void
}

/**
 * @param before what this one is to replace
 * @throws AuthError `ERR_CONFIG_INVALID` if a file, a certificate or a directory cannot be used; nothing is left open then
 */
export async function createGeneration(
  config: Config,
  options: GenerationOptions,
  before?: Generation,
): Promise<Generation> {
  const { doors, logger, metrics } = options
  checkProvider(config.oidc) // the login that goes on uses it when all else is done
  const loginFiles = options.embedded ? '' : fingerprintOf(Object.values(metaTlsPaths(config.auth)))
  const login = loginFor(config, loginFiles, options, before)
  let opened: AuditLog | undefined
  const parts = createShared({
    async close() {
      await login?.release()
      await opened?.close()
    },
  })
  const apps = new Map<Door, DoorApp>()
  try {
    const audit = openAuditLog(config, logger)
    opened = audit
    const onDecision = (asked: Asked, decision: Decision) => {
      metrics.onDecision(asked, decision)
      audit.log?.(asked, decision)
    }
    const onChange: DoorParts['onChange'] = (source, change) => {
      metrics.onChange(source, change)
      audit.changes?.(source, change)
    }
    const isAudited = audit.log !== undefined
    const { embedded, onPolicyChange } = options
    const listeners = { onDecision, onChange, onPolicyChange }
    const shared = { logger, metrics, login: login?.value, embedded, isAudited, ...listeners }
    for (const door of doors) apps.set(door, holding(door.createApp(config, shared), parts))
    return { config, login, loginFiles, audit, apps, onDecision }
  } catch (error) {
    for (const app of apps.values()) await app.close()
    throw error
  } finally {
    await parts.release()
  }
}

/** An app that lets go of what it shares with others when it is closed. */
function holding(app: DoorApp, parts: Shared<unknown>): DoorApp {
  parts.hold()
  return {
    ...app,
    async close() {
      await app.close()
      await parts.release()
    },
  }
}

/** The login before, if nothing of it has changed: it remembers who is known. */
function loginFor(
  config: Config,
  files: string,
  { doors, logger, metrics, embedded }: GenerationOptions,
  before: Generation | undefined,
): Shared<OwnLogin> | undefined {
  if (!doors.some((door) => door.needsLogin(config))) return undefined
  const isLoginKey = (id: string) =>
    id.startsWith('auth.') || doors.some((door) => door.isLoginKey(id))
  if (
    before?.login &&
    before.loginFiles === files &&
    !changedKeys(before.config, config).some(isLoginKey)
  ) {
    before.login.hold()
    return before.login
  }
  return createShared(
    createOwnLogin(config, {
      logger,
      ...(embedded && {
        directory: embedded.directory,
        hasher: embedded.hasher,
        provider: embedded.provider,
      }),
      onMetaRequest: metrics.onMetaRequest,
    }),
  )
}
