import type { RequestListener } from 'node:http'
import { AuthError } from '../errors.js'
import type { RefusalListener } from './client-error.js'
import { endWithRefusal } from './end-with-refusal.js'

/**
 * Refuses a request of HTTP/1.1 without `Host` (RFC 9112 §3.2), and ends its connection. Node would do so by itself, but
 * without a body, and without telling the program.
 *
 * @param onRefusal hears of it
 */
export function requireHost(handle: RequestListener, onRefusal?: RefusalListener): RequestListener {
  return function requireHost(req, res) {
    if (req.httpVersion !== '1.1' || req.headers.host !== undefined) {
      handle(req, res)
      return
    }
    const refusal = new AuthError('ERR_REQUEST_INVALID', 'Host header missing')
    onRefusal?.(refusal, { req, state: {} })
    endWithRefusal(res, refusal)
  }
}
