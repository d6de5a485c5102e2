import { isatty } from 'node:tty'

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

/**
 * Calls `handle` at each SIGHUP, one after the other; several that come meanwhile count once. If the signal comes
 * because the terminal is gone in which the program was started, the program stops.
 */
export function onHangUp(handle: () => Promise<void>): { end(): void } {
  const hadTerminal = isatty(STDIN)
  let running = false
  let again = false

  async function run(): Promise<void> {
    if (hadTerminal && !isatty(STDIN)) {
      process.kill(process.pid, 'SIGTERM')
      return
    }
    if (running) {
      again = true
      return
    }
    running = true
    do {
      again = false
      await handle()
    } while (again)
    running = false
  }

  process.on('SIGHUP', run)
  return { end: () => void process.off('SIGHUP', run) }
}

const STDIN = 0
