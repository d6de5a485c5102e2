import type { Context, Next } from 'koa'
import type { Authentication, Authenticator } from '../authn/authenticator.js'
import { findCredentials, parseAuthorization } from '../authn/credentials.js'
import { AuthError } from '../errors.js'

/** Who sends this request? Known at once for a remembered user. */
export function authenticate(
  authenticator: Authenticator,
  ctx: Context,
): Authentication | Promise<Authentication> {
  const found = findCredentials(ctx.req.rawHeaders, ctx.req.url ?? '')
  if (found instanceof AuthError) return found
  if (typeof found !== 'string') return authenticator.authenticate(found)
  const known = authenticator.recall?.(found)
  if (known) return known
  const credentials = parseAuthorization(found)
  return credentials instanceof AuthError
    ? credentials
    : authenticator.authenticate(credentials, found)
}

/**
 * Middleware that sets `ctx.state.user`, or throws the refusal: `ERR_CREDENTIALS_MISSING`, `ERR_CREDENTIALS_REJECTED`,
 * `ERR_TOKEN_INVALID` (401), `ERR_REQUEST_AMBIGUOUS` (400), `ERR_META_UNAVAILABLE` and its like (503).
 */
export function authentication(authenticator: Authenticator) {
  return async function authentication(ctx: Context, next: Next): Promise<void> {
    const user = await authenticate(authenticator, ctx)
    if (user instanceof AuthError) throw user
    ctx.state.user = user
    await next()
  }
}
