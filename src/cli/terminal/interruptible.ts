/** A signal that ends a command, with the exit code that shells expect (128 and its number). */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * Does `work`. When the process is told to end meanwhile it says so in a sentence, and ends once `cleanUp` is done.
 *
 * @param consequence what has become of the work, as a sentence: `nothing was changed`
 */
export async function interruptible<T>(
  work: () => Promise<T>,
  consequence: () => string,
  cleanUp: () => void = () => {},
): Promise<T> {
  const listeners = Object.entries(SIGNALS).map(([signal, code]) => {
    const listener = () => {
      try {
        cleanUp()
      } finally {
        process.stderr.write(`\nkapacitor-auth: interrupted: ${consequence()}\n`)
        process.exit(code)
      }
    }
    process.once(signal, listener)
    return [signal, listener] as const
  })
  try {
    return await work()
  } finally {
    for (const [signal, listener] of listeners) process.off(signal, listener)
  }
}
