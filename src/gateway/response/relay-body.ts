import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import { passedTrailers } from './trailers.js'

/** Told how a body gets on. */
export interface Progress {
  /** A piece was passed on, or there is room again: the next one is the sender's turn. */
  moving(): void
  /** The receiver has enough for now: it is its turn. */
  stalled(): void
  /** The whole body was passed on, trailers included. */
  ended(): void
  /** The body is longer than it may be. Nothing of it is passed on any more. */
  exceeded?(): void
}

/**
 * Passes a body on, piece by piece, and never more than the receiver takes; then its trailers, where the receiving
 * side is chunked (RFC 9112 §7.1.2). A body that breaks off or is too long is not ended: that is for the caller.
 *
 * @param limit how long it may be, in bytes
 * @returns stops passing on; the rest of the body is taken off the connection, so that a message may follow
 */
export function relayBody(
  from: IncomingMessage,
  to: ClientRequest | ServerResponse,
  progress: Progress,
  limit = Number.POSITIVE_INFINITY,
): () => void {
  let length = 0

  function onData(chunk: Buffer): void {
    length += chunk.length
    if (length > limit) {
      stop()
      progress.exceeded?.()
    } else if (to.write(chunk)) progress.moving()
    else {
      from.pause()
      progress.stalled()
    }
  }

  function onDrain(): void {
    progress.moving()
    from.resume()
  }

  function onEnd(): void {
    const trailers = to.chunkedEncoding ? passedTrailers(from.rawTrailers) : undefined
    if (trailers) to.addTrailers(trailers)
    to.end()
    progress.ended()
  }

  function stop(): void {
    to.off('drain', onDrain)
    from.off('end', onEnd)
    from.off('data', onData)
    from.resume()
  }

  to.on('drain', onDrain)
  from.on('end', onEnd)
  from.on('data', onData)
  return stop
}
