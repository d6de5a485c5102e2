/** Runs what it is given one after the other, in order; what fails does not stop the next. */
export function createQueue() {
  let last: Promise<unknown> = Promise.resolve()

  return {
    run<T>(work: () => Promise<T>): Promise<T> {
      const result = last.then(work)
      last = result.catch(() => {})
      return result
    },

    /** Resolves when all that was queued so far has ended. */
    async drained(): Promise<void> {
      await last
    },
  }
}
