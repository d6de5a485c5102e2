import { got, Options, type Request } from 'got'
import type { Milliseconds } from '../../time.js'
import type { Agents } from '../wire/agent.js'
import { bare, failureCode, plainOptions } from '../wire/plain-options.js'

export interface StreamHead {
  readonly status: number
  readonly location: string | undefined
  /** The media type, without parameters, in lower case. */
  readonly type: string
}

export interface StreamReader {
  /** @returns whether the body is wanted */
  head(head: StreamHead): boolean
  /** What it throws ends the stream. */
  piece(piece: Uint8Array): void
}

/** How long nothing may come: the head, and then the next piece. */
export interface StreamPatience {
  readonly head: Milliseconds
  readonly piece: Milliseconds
}

/**
 * Reads a stream until it ends; resolves with undefined if it was the server who ended it, with the error that `piece`
 * threw, or with the code of what went wrong: `ETIMEDOUT` after a silence. Never rejects.
 */
export type OpenStream = (
  url: string,
  authorization: string | undefined,
  reader: StreamReader,
  patience: StreamPatience,
  signal: AbortSignal,
) => Promise<string | Error | undefined>

/** A function for one GET of an event stream. It does not keep the process from ending. */
export function createOpenStream(agents: Agents, userAgent: string): OpenStream {
  const defaults = plainOptions(agents)
  defaults.isStream = true

  return function openStream(url, authorization, reader, patience, signal) {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve('ERR_ABORTED')
      const options = new Options(undefined, undefined, defaults)
      options.url = url
      options.headers = bare({
        'user-agent': userAgent,
        accept: 'text/event-stream',
        'cache-control': 'no-store',
        authorization,
      })
      const request = got(undefined, undefined, options) as unknown as Request
      let timer = setTimeout(end, patience.head, 'ETIMEDOUT')
      const abort = () => end('ERR_ABORTED')
      signal.addEventListener('abort', abort)

      function end(reason?: string | Error): void {
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
        request.destroy()
        resolve(reason)
      }
      request.on('response', ({ statusCode, headers, socket }) => {
        socket.unref()
        const type = (headers['content-type'] ?? '').split(';', 1)[0].trim().toLowerCase()
        if (!reader.head({ status: statusCode, location: headers.location, type })) return end()
        clearTimeout(timer)
        timer = setTimeout(end, patience.piece, 'ETIMEDOUT').unref()
      })
      request.on('data', (piece: Uint8Array) => {
        timer.refresh()
        try {
          reader.piece(piece)
        } catch (error) {
          end(error as Error)
        }
      })
      request.once('end', () => end())
      request.on('error', (error) => end(failureCode(error)))
    })
  }
}
