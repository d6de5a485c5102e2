import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate } from 'node:timers/promises'
import type { Context } from 'koa'
import type { Registry } from '../registry/registry.js'
import type { RegistryState } from '../registry/registry-state.js'
import type { Milliseconds } from '../time.js'
import { INDEX_HEADER } from './answer-headers.js'

/** How much is collected before it is sent, in characters. */
const CHUNK = 65_536

/**
 * Answers with JSON that is read while it is sent, all of it from one state of the registry, so that a million
 * users take no more memory than ten. What fails before the first piece rejects; later, the connection is cut.
 *
 * @param open the JSON's pieces; undefined if there is none
 * @param patience how long a client may read nothing before it is cut off, since it holds on to an old state
 * @returns whether there was something to answer with
 */
export function answerInPieces(
  ctx: Context,
  registry: Registry,
  patience: Milliseconds,
  open: (state: RegistryState) => Promise<AsyncIterable<string> | undefined>,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const sent = registry.read(async (state) => {
      const pieces = await open(state)
      if (!pieces) return resolve(false)
      const chunks = chunked(pieces)
      const [first, second] = [await chunks.next(), await chunks.next()]
      ctx.set(INDEX_HEADER, String(state.index))
      ctx.type = 'application/json'
      if (second.done) {
        ctx.body = first.value
        return resolve(true)
      }
      const body = new PassThrough()
      ctx.body = body
      ctx.res.setTimeout(patience, () => body.destroy(new Error('the client takes nothing')))
      resolve(true)
      await pipeline(rejoined([first.value, second.value], chunks), body)
    })
    // Once sending has begun this changes nothing: Koa reports what became of the body
    sent.catch(reject)
  })
}

async function* chunked(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = ''
  for await (const piece of pieces) {
    chunk += piece
    if (chunk.length < CHUNK) continue
    yield chunk
    chunk = ''
    await setImmediate() // Others want to be served too
  }
  yield chunk
}

async function* rejoined(start: string[], rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield* start
  yield* rest
}
