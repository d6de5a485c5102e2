import type { Context } from 'koa'
import type { Attempts } from '../authn/passwords/attempts.js'
import type { PasswordHasher } from '../authn/passwords/hasher.js'
import type { HashCost } from '../authn/passwords/password-hash.js'
import { isAdmin } from '../authz/permission.js'
import type { AuthError } from '../errors.js'
import { createClientNetwork } from '../http/client-network.js'
import type { ChangeSource } from '../middleware/audit-changes.js'
import { refuseOtherSite } from '../middleware/other-site.js'
import { readBody } from '../middleware/read-body.js'
import { applyChange } from '../registry/changes/apply-change.js'
import { createCallerTurns } from '../registry/changes/caller-turns.js'
import type { RegistryChange } from '../registry/changes/change.js'
import { type ChangeReport, reportChange } from '../registry/changes/change-report.js'
import { beyondManager, type Manager } from '../registry/changes/manager-limits.js'
import type { Registry } from '../registry/registry.js'
import { type Caller, mayChange, mayChangePassword } from './access.js'
import type { Admission } from './admission.js'
import { GRANTED_HEADER } from './answer-headers.js'
import { changeSource } from './change-source.js'
import { parseRoleChange, parseUserChange } from './parse-change.js'

/** Hears what became of each change. Must not throw. */
export type ChangeListener = (source: ChangeSource, report: ChangeReport) => void

export interface ChangeRoutesOptions {
  readonly registry: Registry
  readonly admission: Admission
  readonly hasher: PasswordHasher
  readonly cost: HashCost
  readonly passwordMinLength: number
  readonly restrictUserManagement: boolean
  readonly attempts: Attempts | undefined
  readonly onChange: ChangeListener | undefined
  /** Whether callers sign in at all. */
  readonly isAuthenticated: boolean
}

/** How many passwords are hashed at a time for one caller, and how many more of their changes may wait for that. */
const HASHED_AT_ONCE = 4
const WAITING = 256

/** `POST /user` and `POST /role`. */
export function createChangeRoutes(options: ChangeRoutesOptions) {
  const { registry, admission, hasher, cost, attempts, onChange } = options
  const clientNetwork = createClientNetwork([])
  const turns = createCallerTurns(HASHED_AT_ONCE, WAITING)

  /** The change, and the caller as they are when the body has come: holding it back gains nothing. */
  function admitChange(ctx: Context, parse: (body: string) => RegistryChange) {
    return admission.admit(ctx, async (callerOf) => {
      allow(refuseOtherSite(ctx.req.headers))
      await callerOf()
      const body = await readBody(ctx.req)
      const caller = await callerOf()
      const change = parse(body)
      allow(mayMake(caller, change))
      return { caller, change, callerOf }
    })
  }

  async function make(ctx: Context, parse: (body: string) => RegistryChange): Promise<void> {
    const { change, ...admitted } = await admitChange(ctx, parse)
    let { caller } = admitted
    const name = caller.kind === 'user' ? caller.name : undefined
    const requester = { origin: clientNetwork(ctx.req), name }

    /** A right that is lost while changes wait for their turn is lost for those, too. */
    async function applyInTurn(checked: Registry): Promise<void> {
      caller = await admitted.callerOf()
      allow(mayMake(caller, change))
      await apply(checked)
    }

    const apply = (checked: Registry) =>
      applyChange(checked, change, {
        hasher,
        cost,
        requester,
        attempts: isManager(caller) ? attempts : undefined,
      })
    await reportChange(
      registry,
      change,
      (report) => onChange?.(changeSource(ctx, caller, options.isAuthenticated), report),
      async (state) =>
        options.restrictUserManagement && isManager(caller)
          ? beyondManager(state, change, managerOf(caller))
          : undefined,
      (checked) =>
        'password' in change ? turns.run(name ?? '', () => applyInTurn(checked)) : apply(checked),
    )
    if (change.action === 'create' && 'permissions' in change) ctx.set(GRANTED_HEADER, 'true')
  }

  return {
    changeUser: (ctx: Context) =>
      make(ctx, (body) => parseUserChange(body, options.passwordMinLength)),
    changeRole: (ctx: Context) => make(ctx, parseRoleChange),
  }
}

function mayMake(caller: Caller, change: RegistryChange): AuthError | undefined {
  return change.action === 'change-password'
    ? mayChangePassword(caller, change.name)
    : mayChange(caller)
}

type UserCaller = Extract<Caller, { kind: 'user' }>

/** Whether it is a user who is not an administrator. */
const isManager = (caller: Caller): caller is UserCaller =>
  caller.kind === 'user' && !isAdmin(caller.permissions)

/** A subject or a token is not the user who has the same name. */
function managerOf({ name, permissions, user }: UserCaller): Manager {
  return { name, permissions, kind: user?.kind }
}

function allow(refusal: AuthError | undefined): void {
  if (refusal) throw refusal
}
