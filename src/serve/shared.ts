/** Something that several hold, and that is closed when the last of them lets go. */
export interface Shared<T> {
  readonly value: T
  /** One more holds it. */
  hold(): void
  release(): Promise<void>
}

/** Whoever makes it holds it. */
export function createShared<T extends { close(): Promise<void> }>(value: T): Shared<T> {
  let holders = 1
  return {
    value,
    hold() {
      holders++
    },
    async release() {
      if (--holders === 0) await value.close()
    },
  }
}
