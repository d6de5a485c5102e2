import type { IncomingMessage } from 'node:http'
import type { Context, Middleware, Next } from 'koa'
import type { Authenticator } from '../../authn/authenticator.js'
import type { CredentialCache } from '../../authn/cache/credential-cache.js'
import { parseCredentials } from '../../authn/credentials.js'
import type { User } from '../../authz/user.js'
import { AuthError } from '../../errors.js'
import type { Logger } from '../../log/logger.js'
import { authorize } from '../../middleware/authorization.js'
import { type RequestLine, readRequestLine } from '../../middleware/request-line.js'
import { cutOff } from '../../server/cut-off.js'
import { endWithRefusal } from '../../server/end-with-refusal.js'
import type { Milliseconds } from '../../time.js'
import { isKapacitorStream } from './kapacitor-stream.js'

export interface EndStreamsOptions {
  /** Knows what each user may do now. */
  readonly cache: Pick<CredentialCache, 'find'>

  /** Knows whether a bearer token is still good: it expires, and its key may be withdrawn. */
  readonly authenticator: Pick<Authenticator, 'authenticate'>

  /** How often they are asked. @default 500 */
  readonly interval?: Milliseconds

  readonly logger?: Logger | undefined
}

/**
 * Middleware that ends what `kapacitor watch` and `kapacitor logs` have begun as soon as a new request of the same kind
 * would be refused: the user was deleted, may not read it any more, has another password, the token has expired, or nobody
 * can tell. Mounted behind `kapacitorAuth`.
 */
export function endStreams(options: EndStreamsOptions): Middleware {
  const { cache, authenticator, interval = 500, logger } = options

  /** A function that asks what a new request would be refused for; undefined: it would be let in. */
  function createCheck(
    user: User,
    { rawHeaders, method = '', url = '' }: IncomingMessage,
    line: RequestLine,
  ) {
    const credentials = parseCredentials(rawHeaders, url)
    let hash: string | undefined
    return async function check(): Promise<AuthError | undefined> {
      try {
        if ('kind' in credentials && credentials.kind === 'bearer') {
          const bearer = await authenticator.authenticate(credentials)
          return bearer instanceof AuthError ? bearer : authorize(bearer, method, url, line)
        }
        const account = (await cache.find(user.account ?? user.name))?.account
        hash ??= account?.hash
        return account === undefined || account.hash !== hash
          ? new AuthError('ERR_CREDENTIALS_REJECTED', 'authorization failed')
          : authorize(account.user, method, url, line)
      } catch (error) {
        return error instanceof AuthError ? error : new AuthError('ERR_INTERNAL', 'internal error')
      }
    }
  }

  function end({ res, state }: Context, refusal: AuthError): void {
    const { code, message } = refusal
    logger?.info(
      { user: state.user.name, code, requestId: state.requestId },
      `stream ended: ${message}`,
    )
    if (res.headersSent) cutOff(res)
    else endWithRefusal(res, refusal)
  }

  return function endStreams(ctx: Context, next: Next): Promise<unknown> {
    const user: User | undefined = ctx.state.user
    const { method = '', url = '' } = ctx.req
    const line = readRequestLine(method, url)
    const isStream = !(line instanceof AuthError) && isKapacitorStream(method, line.path)
    if (!isStream || !user) return next()

    const check = createCheck(user, ctx.req, line)
    const { res } = ctx
    async function look(): Promise<void> {
      const refusal = await check()
      if (refusal === undefined || res.writableEnded || res.destroyed) return
      clearInterval(timer)
      end(ctx, refusal)
    }
    const timer = setInterval(look, interval)
    timer.unref()
    res.once('close', () => clearInterval(timer))
    void look()
    return next()
  }
}
