import type { Context } from 'koa'
import type { TokenOwner } from '../../authz/user.js'
import { AuthError } from '../../errors.js'
import { allMissing } from '../../registry/missing-permissions.js'
import type { TokenUpdate } from '../../registry/tokens/token-changes.js'
import type { TokenRecord } from '../../registry/tokens/token-record.js'
import { newOwnToken } from '../../token/own-token.js'
import { type Caller, refuse } from '../access.js'
import { answerInPieces } from '../answer-in-pieces.js'
import { answerList } from './answer-list.js'
import { parseNewToken, parseTokenUpdate } from './parse-token.js'
import { isChangeable, isSeen, type TokenAccess, tokenAccess } from './token-access.js'
import { ignoreBody, type TokenChangePath } from './token-change-path.js'
import { tokenDocument } from './token-documents.js'
import type { TokenRoutesOptions } from './token-routes-options.js'

/** `/api/v0/tokens` and `/api/v0/tokens/{id}`, as InfluxDB 3's management API has them. */
export function createTokenRoutes(options: TokenRoutesOptions, path: TokenChangePath) {
  const { registry, admission, patience, isSubjectListed } = options
  const documentOf = (token: TokenRecord) => tokenDocument(token, isSubjectListed)

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
      answerList(state.tokens(sees === 'all' ? undefined : sees), documentOf),
    )
  }

  async function get(ctx: Context, id: string): Promise<void> {
    ctx.body = await admission.admit(ctx, async (callerOf) =>
      documentOf(await seen(tokenAccess(await callerOf()), id)),
    )
  }

  async function create(ctx: Context): Promise<void> {
    const admitted = await path.admit(ctx, parseNewToken, (caller) => void ownerFor(caller))
    const { asked } = admitted
    const change = { change: 'create', subject: 'token' } as const
    ctx.body = await path.make(ctx, admitted, change, async (caller) => {
      const owner = ownerFor(caller)
      requireHeld(caller, asked)
      const { token, digest } = newOwnToken()
      const made = documentOf(await registry.createToken({ ...asked, owner, digest }))
      return { result: { ...made, accessToken: token }, id: made.id, after: made }
    })
  }

  async function update(ctx: Context, id: string): Promise<void> {
    const admitted = await path.admit(ctx, parseTokenUpdate, (caller) =>
      requireChangeable(caller, id, 'update'),
    )
    const { asked } = admitted
    const change = { change: 'update', subject: 'token', id } as const
    ctx.body = await path.make(ctx, admitted, change, async (caller) => {
      requireHeld(caller, asked)
      const { before, after } = await registry.updateToken(id, asked)
      const result = documentOf(after)
      return { result, id, before: documentOf(before), after: result }
    })
  }

  async function revoke(ctx: Context, id: string): Promise<void> {
    const admitted = await path.admit(ctx, ignoreBody, (caller) =>
      requireChangeable(caller, id, 'revoke'),
    )
    const change = { change: 'revoke', subject: 'token', id } as const
    await path.make(ctx, admitted, change, async () => {
      const { before, after } = await registry.revokeToken(id)
      return { result: undefined, id, before: documentOf(before), after: documentOf(after) }
    })
    ctx.status = 204
  }

  async function requireChangeable(
    caller: Caller,
    id: string,
    action: 'update' | 'revoke',
  ): Promise<void> {
    const access = tokenAccess(caller)
    const token = await seen(access, id)
    if (!isChangeable(access, token, action)) throw access.refusal
  }

  return { list, get, create, update, revoke }
}

/** Whose the token is that the caller makes. @throws AuthError if they may not make any */
function ownerFor(caller: Caller): TokenOwner {
  const { makes, refusal } = tokenAccess(caller)
  if (!makes) throw refusal
  return makes
}

/** What users hold is checked with the change; what others hold is known here only. */
function requireHeld(caller: Caller, { permissions }: TokenUpdate): void {
  if (caller.kind === 'node' || !permissions) return
  const missing = allMissing(caller.permissions, permissions)
  if (!missing) return
  throw refuse(caller, `does not hold what the token is to grant: ${missing}`)
}
