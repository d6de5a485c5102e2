import { randomUUID } from 'node:crypto'
import type { Context, Next } from 'koa'
import { createTrustedProxies } from '../http/trusted-proxies.js'

export interface RequestIdOptions {
  /** Addresses and networks of proxies in front, whose `X-Request-Id` is taken over. @default [] (none) */
  trustedProxies?: readonly string[]
}

/** What an id may be, so that it is the same in every header, log and shell. */
const ID = /^[\w.-]{1,64}$/

/**
 * Middleware that gives each request an id, in `ctx.state.requestId` and in the answer's `X-Request-Id`. A trusted
 * proxy's own id is kept, if it sends one alone, of 1 to 64 letters, digits, `.`, `_` and `-`; otherwise it is a new
 * random UUID. Mounted first.
 *
 * @throws TypeError that names an entry of `trustedProxies` which is neither address nor network
 */
export function requestId({ trustedProxies = [] }: RequestIdOptions = {}) {
  const isTrusted = createTrustedProxies(trustedProxies)
  return function requestId(ctx: Context, next: Next): Promise<unknown> {
    const { rawHeaders, socket } = ctx.req
    const given = isTrusted(socket.remoteAddress) ? givenId(rawHeaders) : undefined
    const id = given ?? randomUUID()
    ctx.state.requestId = id
    ctx.res.setHeader('X-Request-Id', id)
    return next()
  }
}

function givenId(rawHeaders: readonly string[]): string | undefined {
  let id: string | undefined
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if ((rawHeaders[i] as string).toLowerCase() !== 'x-request-id') continue
    if (id !== undefined) return undefined
    id = rawHeaders[i + 1] as string
  }
  return id !== undefined && ID.test(id) ? id : undefined
}
