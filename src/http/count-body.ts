import type { ServerResponse } from 'node:http'

/** The methods of a response by which a body is written; the rest of Node's goes through them. */
type Write = (this: ServerResponse, chunk?: unknown, encoding?: unknown, done?: unknown) => unknown

const BYTES = Symbol('bytes')
const WRITE = Symbol('write')
const END = Symbol('end')

/** A response that is counted, with the methods that it had before. */
interface Counted extends ServerResponse {
  [BYTES]: number
  [WRITE]: Write
  [END]: Write
}

/**
 * Counts the bytes of an answer's body from now on; `bodyBytes` tells how many.
 *
 * Without closures: V8 takes those that a busy server makes for each request for long-lived ones and puts them into its
 * old space at once, where each keeps all that belongs to its request alive until the next full collection. That cost the
 * gateway half of its throughput.
 */
export function countBody(res: ServerResponse): void {
  if (BYTES in res) return // another log of the same answer
  const counted = res as Counted
  counted[BYTES] = 0
  counted[WRITE] = res.write as Write
  counted[END] = res.end as Write
  res.write = countedWrite as typeof res.write
  res.end = countedEnd as typeof res.end
}

/** How many bytes of a counted answer's body were handed over so far; whether the client has got them, only it knows. */
export function bodyBytes(res: ServerResponse): number {
  return hasBody(res) ? (res as Counted)[BYTES] : 0
}

function countedWrite(this: Counted, chunk?: unknown, encoding?: unknown, done?: unknown) {
  this[BYTES] += sizeOf(chunk, encoding)
  return this[WRITE](chunk, encoding, done)
}

function countedEnd(this: Counted, chunk?: unknown, encoding?: unknown, done?: unknown) {
  if (!this.writableEnded) this[BYTES] += sizeOf(chunk, encoding)
  return this[END](chunk, encoding, done)
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
