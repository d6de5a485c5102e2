/** Something that several parts use. It is closed when the last of them releases it. */
export interface Shared<T> {
  readonly value: T
  /** Counts one more user. */
  hold(): void
  release(): Promise<void>
}

/** The caller is its first user, and releases it, too. */
export function createShared<T extends { close(): Promise<void> }>(value: T): Shared<T> {
  let users = 1
  return {
    value,
    hold() {
      users++
    },
    async release() {
      if (--users === 0) await value.close()
    },
  }
}
