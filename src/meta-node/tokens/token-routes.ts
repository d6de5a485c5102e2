import type { Context } from 'koa'
import { AuthError } from '../../errors.js'
import { refuseOtherSite } from '../../middleware/other-site.js'
import { readBody } from '../../middleware/read-body.js'
import { allMissing } from '../../registry/missing-permissions.js'
import type { Registry } from '../../registry/registry.js'
import type { TokenUpdate } from '../../registry/tokens/token-changes.js'
import type { TokenRecord } from '../../registry/tokens/token-record.js'
import type { Milliseconds } from '../../time.js'
import { newOwnToken } from '../../token/own-token.js'
import type { Caller } from '../access.js'
import type { Admission } from '../admission.js'
import { answerInPieces } from '../answer-in-pieces.js'
import type { ChangeListener } from '../change-routes.js'
import { changeSource } from '../change-source.js'
import { answerList } from './answer-list.js'
import { parseNewToken, parseTokenUpdate } from './parse-token.js'
import { reportTokenChange } from './report-token-change.js'
import { isChangeable, isSeen, type TokenAccess, tokenAccess } from './token-access.js'
import { tokenDocument } from './token-documents.js'

export interface TokenRoutesOptions {
  readonly registry: Registry
  readonly admission: Admission
  /** How long a client may take nothing of a long answer before it is cut off. */
  readonly patience: Milliseconds
  readonly onChange: ChangeListener | undefined
  /** Whether callers sign in at all. */
  readonly isAuthenticated: boolean
}

/** `/api/v0/tokens` and `/api/v0/tokens/{id}`, as InfluxDB 3's management API has them. */
export function createTokenRoutes(options: TokenRoutesOptions) {
  const { registry, admission, patience, onChange, isAuthenticated } = options

  const reporter = (ctx: Context, caller: Caller) => (report: Parameters<ChangeListener>[1]) =>
    onChange?.(changeSource(ctx, caller, isAuthenticated), report)

  /** The caller as they are when the body has come, who may do that. */
  function admitChange<T>(
    ctx: Context,
    parse: (body: string) => T,
    allow: (access: TokenAccess, caller: Caller, asked: T) => Promise<void> | void,
  ): Promise<{ caller: Caller; asked: T }> {
    return admission.admit(ctx, async (callerOf) => {
      const foreign = refuseOtherSite(ctx.req.headers)
      if (foreign) throw foreign
      await callerOf()
      const body = await readBody(ctx.req)
      const caller = await callerOf()
      const asked = parse(body)
      await allow(tokenAccess(caller), caller, asked)
      return { caller, asked }
    })
  }

  /** The token of that id, which the caller may know of. @throws AuthError `ERR_NOT_FOUND` */
  async function seen(access: TokenAccess, id: string): Promise<TokenRecord> {
    const token = await registry.getToken(id)
    if (token && isSeen(access, token)) return token
    throw new AuthError('ERR_NOT_FOUND', 'token not found')
  }

  async function list(ctx: Context): Promise<void> {
    const access = await admission.admit(ctx, async (callerOf) => tokenAccess(await callerOf()))
    const { sees } = access
    if (sees !== 'all' && 'id' in sees) throw access.refusal
    await answerInPieces(ctx, registry, patience, async (state) =>
      answerList(state.tokens(sees === 'all' ? undefined : sees), tokenDocument),
    )
  }

  async function get(ctx: Context, id: string): Promise<void> {
    ctx.body = await admission.admit(ctx, async (callerOf) =>
      tokenDocument(await seen(tokenAccess(await callerOf()), id)),
    )
  }

  async function create(ctx: Context): Promise<void> {
    const { caller, asked } = await admitChange(ctx, parseNewToken, (access) => {
      if (!access.makes) throw access.refusal
    })
    const owner = tokenAccess(caller).makes
    if (!owner) throw tokenAccess(caller).refusal
    ctx.body = await reportTokenChange(
      { change: 'create', subject: 'token' },
      reporter(ctx, caller),
      async () => {
        requireHeld(caller, asked)
        const { token, digest } = newOwnToken()
        const made = tokenDocument(await registry.createToken({ ...asked, owner, digest }))
        return { result: { ...made, accessToken: token }, id: made.id, after: made }
      },
    )
  }

  async function update(ctx: Context, id: string): Promise<void> {
    const { caller, asked } = await admitChange(ctx, parseTokenUpdate, async (access) => {
      const token = await seen(access, id)
      if (!isChangeable(access, token, 'update')) throw access.refusal
    })
    ctx.body = await reportTokenChange(
      { change: 'update', subject: 'token', id },
      reporter(ctx, caller),
      async () => {
        requireHeld(caller, asked)
        const before = await registry.getToken(id)
        const after = tokenDocument(await registry.updateToken(id, asked))
        return { result: after, id, before: before && tokenDocument(before), after }
      },
    )
  }

  async function revoke(ctx: Context, id: string): Promise<void> {
    const { caller } = await admitChange(ctx, ignoreBody, async (access) => {
      const token = await seen(access, id)
      if (!isChangeable(access, token, 'revoke')) throw access.refusal
    })
    await reportTokenChange(
      { change: 'revoke', subject: 'token', id },
      reporter(ctx, caller),
      async () => {
        const before = await registry.getToken(id)
        const after = tokenDocument(await registry.revokeToken(id))
        return { result: undefined, id, before: before && tokenDocument(before), after }
      },
    )
    ctx.status = 204
  }

  return { list, get, create, update, revoke }
}

/** What users hold is checked with the change; what others hold is known here only. */
function requireHeld(caller: Caller, { permissions }: TokenUpdate): void {
  if (caller.kind === 'node' || !permissions) return
  const missing = allMissing(caller.permissions, permissions)
  if (!missing) return
  const message = `${caller.name} does not hold what the token is to grant: ${missing}`
  throw new AuthError('ERR_PRIVILEGE_MISSING', message)
}

const ignoreBody = () => undefined
