import { randomUUID } from 'node:crypto'
import type { Context, Next } from 'koa'

/** How many changes there were when the answer was made (a number that only grows). */
export const INDEX_HEADER = 'Influxdb-Metaindex'

/**
 * Middleware that puts on every answer what InfluxDB Enterprise's meta nodes put there. While the registry is
 * out of reach there is no index.
 */
export function answerHeaders(version: string, index: () => Promise<number>) {
  return async function answerHeaders(ctx: Context, next: Next): Promise<void> {
    ctx.set('Request-Id', randomUUID())
    ctx.set('X-Influxdb-Version', version)
    await next()
    // Who was told that the registry is out of reach is not to wait for it once more
    if (ctx.res.hasHeader(INDEX_HEADER) || ctx.status === 503) return
    const latest = await index().catch(() => undefined)
    if (latest !== undefined) ctx.set(INDEX_HEADER, String(latest))
  }
}
