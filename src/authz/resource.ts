/** What a privilege is held on: an absolute, path-like name, `/api/tasks`, `/database/telegraf_clean`. */
export type Resource = string

export const ROOT: Resource = '/'
const API: Resource = '/api'
const DATABASE: Resource = '/database'

/** The base paths of Kapacitor's API; each is cut off at the end of a segment only. */
const BASE_PATHS = ['/kapacitor/v1', '/kapacitor/v1preview'] as const

/**
 * The resource that a request path names: `/api` + the path without its base path, without a last slash.
 * A path outside the base paths is taken as it stands: `/write` and `/kapacitor/v1/write` are both `/api/write`.
 *
 * @param path canonical: decoded, with no empty, `.` or `..` segment
 */
export function apiResource(path: string): Resource {
  let rest = path
  for (const base of BASE_PATHS) {
    if (path.startsWith(base) && (path.length === base.length || path[base.length] === '/')) {
      rest = path.slice(base.length)
      break
    }
  }
  if (rest.endsWith('/')) rest = rest.slice(0, -1)
  return API + rest
}

/**
 * The resource of a database; of all of them for the cluster-wide scope `""`.
 *
 * One name, one resource: a slash in the name is escaped, where in Kapacitor `a/b_c` and `a_b/c` are one resource.
 */
export function databaseResource(name: string): Resource {
  if (name === '') return DATABASE
  return `${DATABASE}/${name.replaceAll('%', '%25').replaceAll('/', '%2F')}_clean`
}

/** The resource, and each wider one that it is part of, up to `/`. */
export function withParents(resource: Resource): readonly Resource[] {
  const all: Resource[] = []
  for (let one = resource; one !== ROOT; one = parentOf(one)) all.push(one)
  return [...all, ROOT]
}

function parentOf(resource: Resource): Resource {
  const end = resource.lastIndexOf('/')
  return end > 0 ? resource.slice(0, end) : ROOT
}
