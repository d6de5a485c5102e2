import type { Config } from '../config/config.js'
import type { RequestLine } from './request-line.js'

/** Which requests need no credentials: those that are declared, one by one. */
export function openEndpoints({ pingAuthEnabled, pprofEnabled }: Config['http']) {
  return function isOpen(method: string, { action: { resource } }: RequestLine): boolean {
    if (pingAuthEnabled && !pprofEnabled) return false
    if (method !== 'GET' && method !== 'HEAD') return false
    if (!pingAuthEnabled && resource === '/api/ping') return true
    return pprofEnabled && `${resource}/`.startsWith('/api/debug/pprof/')
  }
}
