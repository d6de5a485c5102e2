/** `/kapacitor/v1preview/logs`, its like without `preview`, and what watches one task. */
const STREAM = /^\/kapacitor\/v1(?:preview)?\/(?:logs|tasks\/[^/]+\/watch)$/

/**
 * Whether Kapacitor answers with a log that goes on until the client goes away (`kapacitor logs`, `kapacitor watch`).
 * It sends nothing, not even a head, before the first line; on a quiet task that may be tomorrow.
 *
 * @param path canonical
 */
export function isKapacitorStream(method: string, path: string): boolean {
  return method === 'GET' && STREAM.test(path)
}
