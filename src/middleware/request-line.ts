import type { Context, Next } from 'koa'
import { type Action, ALLOWED_METHODS, apiAction, privilegeOfMethod } from '../authz/action.js'
import { canonicalPath } from '../authz/canonical-path.js'
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
  const path = canonicalPath(target)
  if (path === undefined) {
    return new AuthError('ERR_REQUEST_AMBIGUOUS', 'ambiguous request path')
  }
  return { path, action: apiAction(privilege, path) }
}

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
