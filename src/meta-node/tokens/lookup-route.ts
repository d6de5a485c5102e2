import type { Context } from 'koa'
import { AuthError, type RefusedToken } from '../../errors.js'
import { readParameter } from '../../middleware/read-parameter.js'
import type { Registry } from '../../registry/registry.js'
import { grantedByToken } from '../../registry/tokens/granted-by-token.js'
import { createTokenUses } from '../../registry/tokens/note-token-use.js'
import { usableSubscription } from '../../registry/tokens/usable-subscription.js'
import { isRefused } from '../../token/refused-token.js'
import { isTokenDigest } from '../../token/token-id.js'
import { mayRead } from '../access.js'
import type { Admission } from '../admission.js'
import { lookupDocument } from './token-documents.js'
import { writeTokenError } from './write-token-error.js'

/**
 * `GET /api/v0/lookup?token=` and `?subscription=`, each with the SHA-256 of what was presented: what may be done with it
 * now. A node asks because the token is used, so that is noted, but with `&peek=true`. A 404 says why nothing may be done,
 * and the token's id if there is such a token. For nodes and administrators, as `GET /user` is.
 */
export function createLookupRoute(registry: Registry, admission: Admission) {
  const uses = createTokenUses(registry.noteTokenUse, Date.now)

  return async function lookup(ctx: Context): Promise<void> {
    await admission.admit(ctx, async (callerOf) => {
      const refusal = mayRead(await callerOf())
      if (refusal) throw refusal
    })
    const { kind, digest, isPeek } = readQuestion(ctx.url)
    const found = await (kind === 'token' ? token(digest) : subscription(digest))
    // Only here: the 404 of other requests, and the 401 of a caller's own token, tell no more than they have to
    if (isRefused(found)) return writeTokenError(ctx, notFound(), found)
    if (!isPeek) uses.note(digest, found.lastUsedAt)
    ctx.body = { [kind]: found.document }
  }

  async function token(digest: string): Promise<Found | RefusedToken> {
    const found = await registry.read((state) => grantedByToken(state, digest, Date.now()))
    if (isRefused(found)) return found
    return { document: lookupDocument(found), lastUsedAt: found.lastUsedAt }
  }

  async function subscription(digest: string): Promise<Found | RefusedToken> {
    const found = usableSubscription(await registry.findSubscriptionToken(digest))
    if (isRefused(found)) return found
    const { id, database, policy, lastUsedAt } = found
    return { document: { id, database, policy }, lastUsedAt }
  }
}

interface Found {
  readonly document: object
  readonly lastUsedAt: number | undefined
}

interface Question {
  readonly kind: 'token' | 'subscription'
  readonly digest: string
  /** Nobody uses the token: somebody looks whether it is there. */
  readonly isPeek: boolean
}

function readQuestion(target: string): Question {
  const token = readParameter(target, 'token')
  const subscription = readParameter(target, 'subscription')
  const digest = token ?? subscription
  if (digest === undefined || (token !== undefined && subscription !== undefined)) {
    throw mistake('either "token" or "subscription" is expected in the query')
  }
  if (!isTokenDigest(digest)) throw mistake('that is not a SHA-256 in lower-case hex')
  const peek = readParameter(target, 'peek') ?? 'false'
  if (peek !== 'true' && peek !== 'false') throw mistake('"peek" must be true or false')
  return { kind: token === undefined ? 'subscription' : 'token', digest, isPeek: peek === 'true' }
}

/** Clients compare the text. */
const notFound = () => new AuthError('ERR_NOT_FOUND', 'token not found')

function mistake(message: string): AuthError {
  return new AuthError('ERR_REQUEST_INVALID', message)
}
