import type { Milliseconds } from '../time.js'

/** Resolves after that time, or at once when the signal comes. */
export function pause(time: Milliseconds, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, time)
    if (signal?.aborted) end()
    else signal?.addEventListener('abort', end)
  })
}
