import type { IncomingMessage } from 'node:http'
import type { Context, Next } from 'koa'
import type { Authentication, Authenticator } from '../authn/authenticator.js'
import { findCredentials, parseAuthorization } from '../authn/credentials.js'
import { AuthError } from '../errors.js'

/** The network that a request comes from, see `createClientNetwork`; undefined if it is not known. */
export type NetworkOf = (request: IncomingMessage) => string | undefined

const UNKNOWN: NetworkOf = () => undefined

/**
 * Who sends this request? Known at once for a remembered user.
 *
 * @param networkOf the network that wrong passwords count against, and that has its fair share of look-ups @default it is
 * not known
 */
export function authenticate(
  authenticator: Authenticator,
  ctx: Context,
  networkOf: NetworkOf = UNKNOWN,
): Authentication | Promise<Authentication> {
  const found = findCredentials(ctx.req.rawHeaders, ctx.req.url ?? '')
  if (found instanceof AuthError) return found
  if (typeof found !== 'string') {
    return authenticator.authenticate(found, undefined, () => networkOf(ctx.req))
  }
  const known = authenticator.recall?.(found)
  if (known) return known
  const credentials = parseAuthorization(found)
  if (credentials instanceof AuthError) return credentials
  return authenticator.authenticate(credentials, found, () => networkOf(ctx.req))
}

/**
 * Middleware that sets `ctx.state.user`, or throws the refusal: `ERR_CREDENTIALS_MISSING`, `ERR_CREDENTIALS_REJECTED`,
 * `ERR_TOKEN_INVALID` (401), `ERR_REQUEST_AMBIGUOUS` (400), `ERR_TOO_MANY_ATTEMPTS` (429), `ERR_META_UNAVAILABLE` and its
 * like (503).
 *
 * @param networkOf where a request comes from, for an authenticator with `attempts` @default it is not known
 */
export function authentication(authenticator: Authenticator, networkOf?: NetworkOf) {
  return async function authentication(ctx: Context, next: Next): Promise<void> {
    const user = await authenticate(authenticator, ctx, networkOf)
    if (user instanceof AuthError) throw user
    ctx.state.user = user
    await next()
  }
}
