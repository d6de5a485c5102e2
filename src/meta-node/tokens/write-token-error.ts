import type { Context } from 'koa'
import type { AuthError } from '../../errors.js'
import { writeError } from '../../middleware/error-response.js'

/**
 * Writes a refusal in InfluxDB 3's words, `code` and `message`, beside `error`, which clients of the meta API read.
 *
 * @param more further fields of the answer @default none
 */
export function writeTokenError(ctx: Context, error: AuthError, more: object = {}): void {
  writeError(ctx, error)
  const message = error.expose ? error.message : 'internal error'
  ctx.body = JSON.stringify({ code: error.status, message, error: message, ...more })
}
