import { randomUUID } from 'node:crypto'
import type { Context, Next } from 'koa'

/** How many changes there were when the answer was made (a number that only grows). */
export const INDEX_HEADER = 'Influxdb-Metaindex'

/** `true` on the answer to a `create` that has granted the permissions in it: InfluxDB Enterprise ignores them. */
export const GRANTED_HEADER = 'X-Kapacitor-Auth-Granted'

/**
 * Middleware that puts on every answer what InfluxDB Enterprise's meta nodes put there. While the registry is
 * out of reach there is no index.
 */
export function answerHeaders(version: string, index: () => Promise<number>) {
  return async function answerHeaders(ctx: Context, next: Next): Promise<void> {
    const id = randomUUID()
    ctx.state.requestId = id // for the logs
    ctx.set('Request-Id', id)
    ctx.set('X-Influxdb-Version', version)
    await next()
    // A client whose answer says that the registry is out of reach does not wait for it once more
    if (ctx.res.hasHeader(INDEX_HEADER) || ctx.status === 503) return
    const latest = await index().catch(() => undefined)
    if (latest !== undefined) ctx.set(INDEX_HEADER, String(latest))
  }
}

/** 200 without a body, as meta nodes acknowledge a change. */
export function answerEmpty(ctx: Context): void {
  ctx.body = ''
  ctx.type = 'text/plain'
}
