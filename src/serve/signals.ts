import { isatty } from 'node:tty'

/** The signals of a server process, from the moment at which they are caught. */
export interface Signals {
  /** Resolves at the first SIGTERM or Ctrl-C. A second one ends the process at once, for those who will not wait. */
  readonly stopped: Promise<NodeJS.Signals>

  /** Aborted at the same moment. */
  readonly stop: AbortSignal

  /**
   * From now on calls `handle` at each SIGHUP, one after the other; several that come meanwhile count once, and so does
   * one that came before this call.
   */
  onHangUp(handle: () => Promise<void>): void

  /** Hears no SIGHUP any more: the server is stopping. */
  ignoreHangUps(): void
}

const STDIN = 0

/**
 * Catches SIGTERM, SIGINT and SIGHUP. To be called before anything else: none of them ends the process by itself then.
 * A SIGHUP that comes because the terminal has gone in which the program was started stops the program.
 */
export function catchSignals(): Signals {
  const stop = new AbortController()
  const hadTerminal = isatty(STDIN)
  const hangUps = createQueue()
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    const onStop = (signal: NodeJS.Signals) => {
      if (stop.signal.aborted) process.exit(1)
      stop.abort(new Error(`stopped by ${signal}`))
      resolve(signal)
    }
    process.on('SIGTERM', onStop).on('SIGINT', onStop)
  })
  process.on('SIGHUP', () => {
    if (hadTerminal && !isatty(STDIN)) process.kill(process.pid, 'SIGTERM')
    else hangUps.add()
  })
  return { stopped, stop: stop.signal, onHangUp: hangUps.handle, ignoreHangUps: hangUps.end }
}

/** In a worker: Ctrl-C reaches the whole group of processes, but it is the primary that decides. */
export function ignoreSignals(): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})
}

/** Things to be done, one at a time; those that come while one is being done count once. */
function createQueue() {
  let handler: (() => Promise<void>) | undefined
  let isWaiting = false
  let isRunning = false

  async function run(): Promise<void> {
    if (isRunning) return
    isRunning = true
    while (isWaiting && handler) {
      isWaiting = false
      await handler()
    }
    isRunning = false
  }

  return {
    add() {
      isWaiting = true
      void run()
    },
    handle(next: () => Promise<void>) {
      handler = next
      void run()
    },
    end() {
      handler = undefined
    },
  }
}
