import type { IncomingMessage } from 'node:http'
import { bodyLimitOf, bodyTooLarge } from '../../../middleware/body-limit.js'
import { readBytes } from '../../../middleware/read-body.js'

/** The longest body with a query in it, in bytes. A query may be as long as a quarter of it. */
const MAX_FORM = 4 * 1024 * 1024

/**
 * Reads a request's body with a query in it.
 *
 * @throws AuthError `ERR_BODY_TOO_LARGE` over 4 MiB, or what `max-body-size` allows; `ERR_REQUEST_INVALID` if it breaks off
 */
export async function readQueryBody(request: IncomingMessage): Promise<Buffer> {
  const max = Math.min(MAX_FORM, bodyLimitOf(request))
  const bytes = await readBytes(request, max)
  if (!bytes) throw bodyTooLarge(max)
  return bytes
}
