import { apiResource } from '../authz/resource.js'
import type { Config } from '../config/config.js'
import type { RequestLine } from './request-line.js'

/** Which requests need no credentials: those that are declared, one by one. */
export function openEndpoints({ pingAuthEnabled, pprofEnabled }: Config['http']) {
  return function isOpen(method: string, { path }: RequestLine): boolean {
    if (pingAuthEnabled && !pprofEnabled) return false
    if (method !== 'GET' && method !== 'HEAD') return false
    const resource = apiResource(path)
    if (!pingAuthEnabled && resource === '/api/ping') return true
    return pprofEnabled && `${resource}/`.startsWith('/api/debug/pprof/')
  }
}
