import type { ServerResponse } from 'node:http'

/** The methods of a response by which a body is written; the rest of Node's goes through them. */
type Write = (this: ServerResponse, ...args: unknown[]) => unknown

/**
 * Counts the bytes of an answer's body from now on.
 *
 * @returns tells how many were handed over so far; whether the client has got them, only it knows
 */
export function countBody(res: ServerResponse): () => number {
  const write = res.write as Write
  const end = res.end as Write
  let bytes = 0
  res.write = function countedWrite(this: ServerResponse, ...args: unknown[]) {
    bytes += sizeOf(args[0], args[1])
    return write.apply(this, args)
  } as typeof res.write
  res.end = function countedEnd(this: ServerResponse, ...args: unknown[]) {
    if (!this.writableEnded) bytes += sizeOf(args[0], args[1])
    return end.apply(this, args)
  } as typeof res.end
  return () => (hasBody(res) ? bytes : 0)
}

function sizeOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(
      chunk,
      typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8',
    )
  }
  return chunk instanceof Uint8Array ? chunk.byteLength : 0
}

/** Node drops what is written to others (RFC 9110 §6.4.1). */
function hasBody({ req, statusCode }: ServerResponse): boolean {
  return req.method !== 'HEAD' && statusCode !== 204 && statusCode !== 304
}
