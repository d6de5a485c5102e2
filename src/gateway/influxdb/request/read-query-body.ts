import type { IncomingMessage } from 'node:http'
import { AuthError } from '../../../errors.js'
import { bodyLimitOf, bodyTooLarge } from '../../../middleware/body-limit.js'

/** The longest body with a query in it, in bytes. A query may be as long as a quarter of it. */
const MAX_FORM = 4 * 1024 * 1024

/**
 * Reads a request's body.
 *
 * @throws AuthError `ERR_BODY_TOO_LARGE` over 4 MiB, or what `max-body-size` allows; `ERR_REQUEST_INVALID` if it breaks off
 */
export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const max = Math.min(MAX_FORM, bodyLimitOf(request))
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      length += chunk.length
      if (length > max) break
      chunks.push(chunk)
    }
  } catch (cause) {
    throw new AuthError('ERR_REQUEST_INVALID', 'the body breaks off', { cause })
  }
  if (length <= max) return Buffer.concat(chunks)
  request.resume() // Drops the rest, so that the client gets to read the answer
  throw bodyTooLarge(max)
}
