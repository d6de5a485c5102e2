import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import { passedTrailers } from './trailers.js'

/** Called as a body is passed on. */
export interface Progress {
  /** Something is about to be passed on, or the body is over without anything. False: it is not to be passed on. */
  begins?(): boolean
  /** A piece of `bytes` was passed on, or there is room again: the next one is the sender's turn. */
  moving(bytes: number): void
  /** The receiver has enough for now, after a piece of `bytes`: it is its turn. */
  stalled(bytes: number): void
  /** The whole body was passed on, trailers included. */
  ended(): void
  /** The body is longer than it may be. Nothing of it is passed on any more. */
  exceeded?(): void
}

export interface RelayOptions {
  /** How long the body may be, in bytes. @default any length */
  readonly limit?: number
  /** What of the body has been taken off its connection before. @default nothing */
  readonly first?: readonly Buffer[]
  /** Whether that is all of it. @default false */
  readonly isWhole?: boolean
}

export interface Relay {
  /** Begins to pass the body on. */
  start(): void
  /** Stops passing on; the rest of the body is taken off the connection, so that a message may follow. */
  stop(): void
}

/**
 * Passes a body on, piece by piece, and never more than the receiver takes; then its trailers, where the receiving
 * side is chunked (RFC 9112 §7.1.2). A body that breaks off or is too long is not ended: that is for the caller.
 */
export function relayBody(
  from: IncomingMessage,
  to: ClientRequest | ServerResponse,
  progress: Progress,
  { limit = Number.POSITIVE_INFINITY, first = [], isWhole = false }: RelayOptions = {},
): Relay {
  let length = 0
  let isBegun = false
  let isStopped = false

  function begin(): boolean {
    if (!isBegun && progress.begins?.() === false) stop()
    isBegun = true
    return !isStopped
  }

  function onData(chunk: Buffer): void {
    if (isStopped || !begin()) return
    length += chunk.length
    if (length > limit) {
      stop()
      progress.exceeded?.()
    } else if (to.write(chunk)) progress.moving(chunk.length)
    else {
      from.pause()
      progress.stalled(chunk.length)
    }
  }

  function onDrain(): void {
    progress.moving(0)
    from.resume()
  }

  function onEnd(): void {
    if (isStopped || !begin()) return
    const trailers = to.chunkedEncoding ? passedTrailers(from.rawTrailers) : undefined
    if (trailers) to.addTrailers(trailers)
    to.end()
    progress.ended()
  }

  /** What is there goes out in one piece with the head, where it is the whole. */
  function sendFirst(): void {
    let bytes = 0
    let hasRoom = true
    for (const chunk of first) {
      bytes += chunk.length
      hasRoom = to.write(chunk)
    }
    length = bytes
    if (isWhole) onEnd()
    else if (hasRoom) {
      progress.moving(0)
      from.resume()
    } else progress.stalled(0)
  }

  function start(): void {
    to.on('drain', onDrain)
    if (!isWhole) {
      from.on('end', onEnd)
      from.on('data', onData)
    }
    if (first.length > 0 || isWhole) sendFirst()
  }

  function stop(): void {
    isStopped = true
    to.off('drain', onDrain)
    from.off('end', onEnd)
    from.off('data', onData)
    from.resume()
  }

  return { start, stop }
}
