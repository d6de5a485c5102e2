import { AuthError } from '../../errors.js'
import type { Milliseconds } from '../../time.js'

/** What a write comes to, or `ERR_STORE_UNAVAILABLE` after `patience`. What it comes to later is dropped. */
export async function within<T>(patience: Milliseconds, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const cause = new Error(`not written in ${patience} ms`)
      reject(new AuthError('ERR_STORE_UNAVAILABLE', 'the registry cannot be written to', { cause }))
    }, patience)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
