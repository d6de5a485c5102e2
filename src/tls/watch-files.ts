import { stat } from 'node:fs/promises'
import type { Milliseconds } from '../time.js'

export interface WatchFilesOptions {
  /** How often the files are looked at. @default 5_000 (5 seconds) */
  interval?: Milliseconds
  /** How many looks in a row must see the same. @default 2 */
  looks?: number
}

/**
 * Calls `onChange` after any of `paths` has been written, replaced, removed or created, or is reached by another symbolic
 * link: Let's Encrypt replaces links to files, Kubernetes links to directories. It is called when two looks in a row (or
 * `looks`) have seen the same, since a key is written after its certificate. Files are looked at, not watched by the
 * system's notifications: those are missing on network file systems, and for links they would have to be set up again and
 * again.
 *
 * Calls once at the beginning, too: a file may have changed since it was read.
 *
 * @returns stops it
 */
export function watchFiles(
  paths: readonly string[],
  onChange: () => void,
  { interval = 5_000, looks = 2 }: WatchFilesOptions = {},
): () => void {
  let seen: string | undefined
  let timesSeen = 0
  let reported: string | undefined
  let isLooking = false
  let isStopped = false

  async function look(): Promise<void> {
    if (isLooking) return
    isLooking = true
    const now = (await Promise.all(paths.map(stateOf))).join('\n')
    isLooking = false
    timesSeen = now === seen ? timesSeen + 1 : 1
    seen = now
    if (timesSeen < looks || now === reported || isStopped) return
    reported = now
    onChange()
  }

  void look()
  const timer = setInterval(look, interval).unref()
  return function stop() {
    isStopped = true
    clearInterval(timer)
  }
}

/** Differs from one state of a file to another. */
async function stateOf(path: string): Promise<string> {
  try {
    const { ino, dev, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}
