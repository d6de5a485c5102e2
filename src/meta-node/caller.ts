import type { Context } from 'koa'
import { parseCredentials, rejected } from '../authn/credentials.js'
import type { SignIn } from '../authn/sign-in.js'
import type { Config } from '../config/config.js'
import { AuthError } from '../errors.js'
import { createClientNetwork } from '../http/client-network.js'
import { createNodeVerifier } from '../token/node-verifier.js'
import type { Caller } from './access.js'

/**
 * Finds out who calls the meta node: a user by Basic or by a token signed with `[meta] shared-secret`, a subject by its
 * identity provider's token, an own token, or another node of the cluster by a token signed with `internal-shared-secret`.
 *
 * @returns a function that rejects with the refusal; undefined if `[meta] auth-enabled` is false
 */
export function createCallerCheck(
  signIn: SignIn,
  meta: Config['meta'],
): ((ctx: Context) => Promise<Caller>) | undefined {
  if (!meta.authEnabled) return undefined
  const authenticator = signIn.authenticator(meta.sharedSecret?.reveal())
  const clientNetwork = createClientNetwork([])
  const secret = meta.internalSharedSecret?.reveal()
  const isNode = secret ? createNodeVerifier(secret) : async () => false

  return async function callerOf(ctx) {
    const credentials = parseCredentials(ctx.req.rawHeaders, ctx.url)
    if (credentials instanceof AuthError) throw credentials
    if (credentials.kind === 'bearer' && (await isNode(credentials.token))) return { kind: 'node' }
    const answer = authenticator.authenticate(credentials, undefined, clientNetwork(ctx.req))
    const via = answer instanceof Promise ? 'verified' : 'remembered'
    const user = await answer
    if (user instanceof AuthError) throw user
    // A subscription's token writes points, and is good for nothing else
    const cached =
      user.kind === 'subscription' ? undefined : await signIn.cache.find(user.account ?? user.name)
    if (!cached) throw rejected()
    const { permissions } = cached.account
    return { kind: 'user', name: user.name, permissions, via, user }
  }
}
