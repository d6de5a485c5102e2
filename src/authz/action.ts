import type { Privilege } from './privilege.js'
import { DELETE, NONE, READ, WRITE } from './privilege.js'
import { apiResource, databaseResource, type Resource, withParents } from './resource.js'

/** One privilege on one resource: what a request is about to do. */
export interface Action {
  readonly resource: Resource
  readonly privilege: Privilege
  /** The resource, and each wider one up to `/`, where they were found before: it saves 1 % of a Koa application's request. */
  readonly resources?: readonly Resource[]
}

function actionOn(resource: Resource, privilege: Privilege): Action {
  return { resource, privilege, resources: withParents(resource) }
}

const PRIVILEGE_BY_METHOD = new Map<string, Privilege>([
  ['GET', READ],
  ['POST', WRITE],
  ['PATCH', WRITE],
  ['PUT', WRITE],
  ['DELETE', DELETE],
  ['HEAD', NONE],
  ['OPTIONS', NONE],
])

/** The methods that mean something here, as an `Allow` header lists them (RFC 9110 §10.2.1). */
export const ALLOWED_METHODS: string = [...PRIVILEGE_BY_METHOD.keys()].join(', ')

/** The privilege that a method needs; undefined for a method that is not answered at all. Case matters (RFC 9110 §9.1). */
export function privilegeOfMethod(method: string): Privilege | undefined {
  return PRIVILEGE_BY_METHOD.get(method)
}

/** What a request does to the API: the method's privilege on the path's resource. `path` is canonical. */
export function apiAction(privilege: Privilege, path: string): Action {
  return actionOn(apiResource(path), privilege)
}

/** Whether the request posts points, so that it needs `write` on their database too. */
export function isDataWrite(method: string, action: Action): boolean {
  return method === 'POST' && action.resource === '/api/write'
}

/** What writing points does to their database; to the cluster-wide scope if the request names none. */
export function databaseWrite(database: string): Action {
  return actionOn(databaseResource(database), WRITE)
}
