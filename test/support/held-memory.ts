import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * How much memory this process's objects hold, in bytes. Garbage is collected twice before: memory of buffers that the first
 * collection found unused is given back in another thread, at any time until the next collection, which waits for it.
 */
export function heldMemory(): number {
  setFlagsFromString('--expose-gc')
  const collectGarbage: () => void = runInNewContext('gc')
  collectGarbage()
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
