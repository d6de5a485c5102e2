import type { Milliseconds } from '../time.js'

/** What `promise` resolves to if it does within that time; undefined if it rejects or takes longer. */
export function answerWithin<T>(
  ms: Milliseconds,
  promise: Promise<T>,
): Promise<{ value: T } | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms, undefined)
    promise
      .then(
        (value) => resolve({ value }),
        () => resolve(undefined),
      )
      .finally(() => clearTimeout(timer))
  })
}
