/** Resolves at SIGTERM or Ctrl-C. A second one ends the process at once, for whoever will not wait. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      for (const name of SIGNALS) {
        process.off(name, stop)
        process.once(name, () => process.exit(1))
      }
      resolve(signal)
    }
    for (const name of SIGNALS) process.on(name, stop)
  })
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const
