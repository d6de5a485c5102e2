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

/** How many segments a path may have. Kapacitor's have no more than eight; each is looked up on its own. */
const MOST_SEGMENTS = 64

/** Reads method and target; the refusal is 405 for an unknown method, 400 for an ambiguous target or a path too deep. */
export function readRequestLine(method: string, target: string): RequestLine | AuthError {
  const privilege = privilegeOfMethod(method)
  if (privilege === undefined) return unknownMethod()
  const path = canonicalPath(target)
  if (path === undefined) {
    return new AuthError('ERR_REQUEST_AMBIGUOUS', 'ambiguous request path')
  }
  if (isTooDeep(path)) {
    return new AuthError('ERR_REQUEST_INVALID', `more than ${MOST_SEGMENTS} segments in the path`)
  }
  return { path, action: apiAction(privilege, path) }
}

function isTooDeep(path: string): boolean {
  if (path.length <= MOST_SEGMENTS) return false
  let slashes = 0
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
    if (++slashes > MOST_SEGMENTS) return true
  }
  return false
}

/** 405, before anything else is looked at. */
export function unknownMethod(): AuthError {
  return new AuthError('ERR_METHOD_UNKNOWN', 'method not allowed', {
    headers: { Allow: ALLOWED_METHODS },
  })
}
