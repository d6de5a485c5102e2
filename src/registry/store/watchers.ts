import type { StoreChange } from './store.js'

export type Listener = (change: StoreChange) => void | Promise<void>

/** The listeners for changes. */
export function createWatchers() {
  const listeners = new Set<Listener>()

  return {
    get size() {
      return listeners.size
    },

    /** @returns a function that ends it */
    add(listener: Listener): () => void {
      const own: Listener = (change) => listener(change)
      listeners.add(own)
      return () => listeners.delete(own)
    },

    /** Calls all at once, and waits for all. What they throw is dropped. */
    async notify(change: StoreChange): Promise<void> {
      await Promise.allSettled([...listeners].map(async (listener) => listener(change)))
    },
  }
}
