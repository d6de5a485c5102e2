import type { ServerResponse } from 'node:http'

const REQUEST_ID = 'x-request-id'
const KEPT: ReadonlySet<string> = new Set(['vary', REQUEST_ID])

/**
 * Writes the head of an answer over what was set on `res` before: a header of the answer replaces one of that name,
 * but `Vary` is added to, and `X-Request-Id` stays ours.
 *
 * @param headers names and values in turn; several of one name stay several
 * @throws Error for what HTTP cannot express: a status below 100, say
 */
export function writeHead(
  res: ServerResponse,
  status: number,
  message: string,
  headers: readonly string[],
): void {
  if (res.getHeaderNames().length === 0) {
    res.writeHead(status, message, headers as string[])
    return
  }
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (!KEPT.has(name.toLowerCase())) res.removeHeader(name)
  }
  const hasId = res.hasHeader(REQUEST_ID)
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (hasId && name.toLowerCase() === REQUEST_ID) continue
    res.appendHeader(name, headers[i + 1] as string)
  }
  res.writeHead(status, message)
}
