import { close, open } from 'node:fs'
import { devNull } from 'node:os'
import type { Milliseconds } from '../time.js'

/**
 * Calls `onNone` as long as this process can open no more files or connections. Node says nothing then: the system's
 * event loop accepts new connections and closes them at once, so a file is opened from time to time to find out.
 *
 * @param interval how often it is tried
 * @returns stops it
 */
export function watchDescriptors(
  onNone: (code: string) => void,
  interval: Milliseconds = 5_000,
): () => void {
  const timer = setInterval(() => {
    open(devNull, 'r', (error, descriptor) => {
      if (error === null) close(descriptor)
      else if (isOutOfDescriptors(error)) onNone(String(error.code))
    })
  }, interval)
  timer.unref()
  return () => clearInterval(timer)
}

/** Whether an error says that the process, or the whole system, has too many files open. */
export function isOutOfDescriptors({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EMFILE' || code === 'ENFILE'
}
