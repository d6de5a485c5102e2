import type { StoreChange } from './store.js'

export type Listener = (change: StoreChange) => void | Promise<void>

/** Those who want to hear of changes. */
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

    /** Tells all at once, and waits for all. What they throw is dropped. */
    async tell(change: StoreChange): Promise<void> {
      await Promise.allSettled([...listeners].map(async (listener) => listener(change)))
    },
  }
}
