/** Work that is done one after the other, in the order of the calls. */
export interface SerialQueue {
  /** Does `work` when all before has ended, and answers what that answers. What fails does not stop the next. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>

  /** Resolves when all that was queued so far has ended. */
  drained(): Promise<void>
}

export function createSerialQueue(): SerialQueue {
  let last: Promise<unknown> = Promise.resolve()

  return {
    run(work) {
      const result = last.then(work)
      last = result.catch(() => {})
      return result
    },
    async drained() {
      await last
    },
  }
}
