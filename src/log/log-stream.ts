import type { Writable } from 'node:stream'
import type { DestinationStream } from 'pino'

/** How much may wait for a reader that is slow, in bytes. */
const MAX_PENDING = 1_048_576

/**
 * Standard output or error as a log's destination. A line that cannot be written (a full disk, a closed pipe) is lost,
 * and so is one for which a slow reader leaves no room; requests and the process go on.
 */
export function logStream(stream: Writable): DestinationStream {
  if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore)
  return {
    write(line) {
      if (stream.writableLength < MAX_PENDING) stream.write(line)
    },
  }
}

function ignore(): void {}
