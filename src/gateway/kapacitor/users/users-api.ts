import type { Context, Middleware, Next } from 'koa'
import type { CredentialCache } from '../../../authn/cache/credential-cache.js'
import { canonicalPath } from '../../../authz/canonical-path.js'
import { reservedPrefix } from '../../../authz/shown-name.js'
import type { User } from '../../../authz/user.js'
import { AuthError } from '../../../errors.js'
import { createClientNetwork } from '../../../http/client-network.js'
import type { Logger } from '../../../log/logger.js'
import type { AuditedChange, ChangeSource } from '../../../middleware/audit-changes.js'
import { authorize } from '../../../middleware/authorization.js'
import { changeSourceOf } from '../../../middleware/described-caller.js'
import { writeError } from '../../../middleware/error-response.js'
import { refuseOtherSite } from '../../../middleware/other-site.js'
import { readBody } from '../../../middleware/read-body.js'
import { readRequestLine } from '../../../middleware/request-line.js'
import { createCallerTurns } from '../../../registry/changes/caller-turns.js'
import { letContinue } from '../../../server/expectation.js'
import { shownUser } from './kapacitor-user.js'
import { readListParameters } from './list-parameters.js'
import type { ChangeBy, ManagedUsers } from './managed-users.js'
import { parseNewUser, parseUserUpdate } from './parse-user-request.js'
import { unknownUser } from './planned-changes.js'
import { userDocument, userList } from './print-user.js'

export interface UsersApiOptions {
  readonly users: ManagedUsers

  /** Who signs in at this door; undefined where authentication is off, and nobody may change users here. */
  readonly login: { readonly cache: CredentialCache; forget(name?: string): void } | undefined

  /** How many characters a new password must have. */
  readonly passwordMinLength: number

  /** Whether those who are not administrators grant only what they hold, and change no administrators. */
  readonly isRestricted: boolean

  readonly trustedProxies: readonly string[]
  readonly logger: Logger | undefined

  /** Hears of each change of users. Must not throw. */
  readonly onChange: (source: ChangeSource, change: AuditedChange) => void
}

/** How many passwords are hashed at a time for one caller, and how many more of their changes may wait for that. */
const HASHED_AT_ONCE = 4
const WAITING = 256

/** Of Kapacitor's two base paths, and what follows: undefined for the list, or `/` and a user's name. */
const PATH = /^\/kapacitor\/v1(?:preview)?\/users(\/.*)?$/s

/**
 * Middleware that answers Kapacitor's users API in the place of Kapacitor, of the users that everybody signs in with.
 * Mounted behind `kapacitorAuth`, which has decided that the caller may use it at all. Other requests go on.
 *
 * `GET` and `POST /kapacitor/v1/users`; `GET`, `PATCH` and `DELETE` of one user below it; all else is 404, as in Kapacitor.
 */
export function usersApi(options: UsersApiOptions): Middleware {
  const { users, login, logger, isRestricted, onChange } = options
  const clientNetwork = createClientNetwork(options.trustedProxies)
  const turns = createCallerTurns(HASHED_AT_ONCE, WAITING)

  async function answer(ctx: Context, name: string | undefined): Promise<void> {
    if (!login) throw forbidden('users cannot be managed here while [http] auth-enabled is false')
    const { method } = ctx.req
    if (name === undefined) {
      if (method === 'GET') return list(ctx)
      if (method === 'POST') return create(ctx)
    } else if (method === 'GET' || method === 'PATCH' || method === 'DELETE') {
      if (name === '') throw invalid('must specify username on path')
      if (method === 'GET') return show(ctx, name)
      return method === 'PATCH' ? update(ctx, name) : remove(ctx, name)
    }
    throw new AuthError('ERR_NOT_FOUND', 'Not Found')
  }

  async function list(ctx: Context): Promise<void> {
    const parameters = readListParameters(ctx.req.url ?? '')
    const found = await users.list(parameters)
    write(ctx, userList(found.map(shownUser), parameters.fields))
  }

  async function show(ctx: Context, name: string): Promise<void> {
    const user = await users.find(name)
    if (!user) throw unknownUser()
    write(ctx, userDocument(shownUser(user)))
  }

  async function create(ctx: Context): Promise<void> {
    const body = await bodyOf(ctx)
    await changeBy(ctx)
    const user = parseNewUser(body, options.passwordMinLength)
    await inTurn(ctx, (by) => users.create(user, by))
    login?.forget(user.name)
    await show(ctx, user.name)
  }

  async function update(ctx: Context, name: string): Promise<void> {
    const body = await bodyOf(ctx)
    await changeBy(ctx)
    const wanted = parseUserUpdate(body, options.passwordMinLength)
    try {
      await inTurn(ctx, (by) => users.update(name, wanted, by))
    } finally {
      login?.forget(name) // Some of it may have been changed
    }
    await show(ctx, name)
  }

  async function remove(ctx: Context, name: string): Promise<void> {
    allow(refuseOtherSite(ctx.req.headers))
    await users.remove(name, await changeBy(ctx))
    // Tokens are remembered by other keys than they are shown by
    login?.forget(reservedPrefix(name) === undefined ? name : undefined)
    ctx.status = 204
  }

  function bodyOf(ctx: Context): Promise<string> {
    allow(refuseOtherSite(ctx.req.headers))
    letContinue(ctx.req, ctx.res)
    return readBody(ctx.req)
  }

  /** By the caller as they are when it is their turn: a right that is lost while changes wait is lost for those, too. */
  function inTurn(ctx: Context, work: (by: ChangeBy) => Promise<void>): Promise<void> {
    return turns.run((ctx.state.user as User).name, async () => work(await changeBy(ctx)))
  }

  /** The caller as they are now that the body has come: holding it back gains nothing. */
  async function changeBy(ctx: Context): Promise<ChangeBy> {
    const { name, account = name, kind } = ctx.state.user as User
    const cached = await login?.cache.find(account)
    if (!cached) throw new AuthError('ERR_CREDENTIALS_REJECTED', 'authorization failed')
    const { user, permissions } = cached.account
    const { method = '', url = '' } = ctx.req
    const line = readRequestLine(method, url)
    allow(line instanceof AuthError ? line : authorize(user, method, url, line))
    const source: ChangeSource = {
      asked: ctx,
      door: 'kapacitor',
      via: ctx.state.via,
      user: name,
      ...changeSourceOf(user),
    }
    return {
      manager: isRestricted ? { name, permissions, kind } : undefined,
      requester: { origin: clientNetwork(ctx.req), name },
      report: (report) => onChange(source, report),
    }
  }

  return async function usersApi(ctx: Context, next: Next): Promise<unknown> {
    const match = PATH.exec(canonicalPath(ctx.req.url ?? '') ?? '')
    if (!match) return next()
    try {
      await answer(ctx, match[1]?.slice(1))
    } catch (error) {
      if (!(error instanceof AuthError)) throw error
      const { cause, code, message } = error
      if (cause instanceof Error) logger?.warn({ code, cause: cause.message }, message)
      writeError(ctx, error)
    }
    return undefined
  }
}

function write(ctx: Context, body: string): void {
  ctx.status = 200
  ctx.res.setHeader('Content-Type', 'application/json; charset=utf-8')
  ctx.res.setHeader('X-Content-Type-Options', 'nosniff')
  ctx.body = body
}

function allow(refusal: AuthError | undefined): void {
  if (refusal) throw refusal
}

const forbidden = (message: string) => new AuthError('ERR_PRIVILEGE_MISSING', message)
const invalid = (message: string) => new AuthError('ERR_REQUEST_INVALID', message)
