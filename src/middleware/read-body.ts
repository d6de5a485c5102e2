import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { AuthError } from '../errors.js'
import { bodyLimitOf, bodyTooLarge } from './body-limit.js'

/** The longest body that is read, in bytes. */
const MAX_BODY = 1024 * 1024

/**
 * Reads a request's body as text, under any content type: curl's `--data` says that it is a form.
 *
 * @throws AuthError `ERR_BODY_TOO_LARGE` over 1 MiB, or what `bodyLimit` allows; `ERR_REQUEST_INVALID` if it is not
 *   UTF-8, is compressed, or breaks off
 */
export async function readBody(request: IncomingMessage): Promise<string> {
  if (!/^(?:identity)?$/i.test(request.headers['content-encoding'] ?? '')) {
    throw new AuthError('ERR_REQUEST_INVALID', 'the body is encoded: send it as it is')
  }
  const limit = bodyLimitOf(request)
  const max = Math.min(MAX_BODY, limit)
  const bytes = await readBytes(request, max)
  if (!bytes) {
    if (max === limit) throw bodyTooLarge(limit)
    throw new AuthError('ERR_BODY_TOO_LARGE', 'the body is longer than 1 MiB')
  }
  if (!isUtf8(bytes)) throw new AuthError('ERR_REQUEST_INVALID', 'the body is not UTF-8')
  return bytes.toString()
}

/**
 * Reads a request's body of up to `max` bytes; undefined if it is longer, the rest is dropped then.
 *
 * @throws AuthError `ERR_REQUEST_INVALID` if it breaks off
 */
export async function readBytes(
  request: IncomingMessage,
  max: number,
): Promise<Buffer | undefined> {
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
  request.resume() // So that the client gets to read the answer
  return undefined
}
