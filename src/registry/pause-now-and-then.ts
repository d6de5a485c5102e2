import { setImmediate } from 'node:timers/promises'

/** Items between two turns: some milliseconds of work. */
const TURN = 1_000

/**
 * A function to be called after each of many items: every now and then others get their turn, which they would not get
 * while a million records are read from memory.
 *
 * @param onProgress called at each turn with how many there were
 */
export function createPauses(onProgress: (done: number) => void = () => {}): () => Promise<void> {
  let done = 0
  return async function turn() {
    if (++done % TURN !== 0) return
    onProgress(done)
    await setImmediate()
  }
}
