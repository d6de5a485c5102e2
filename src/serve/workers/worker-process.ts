import type { ChildProcess } from 'node:child_process'
import cluster from 'node:cluster'
import { answerCalls, type Caller, createCaller } from './ipc.js'
import { closeOrphanedConnections } from './orphaned-connections.js'
import type { PrimaryCalls, WorkerCalls, WorkerReady } from './worker-calls.js'

/** How a worker ended, or why it could not be made. */
export interface WorkerEnd {
  readonly code?: number | null
  readonly signal?: string | null
  readonly error?: Error
}

/** A worker process, as the primary sees it. */
export interface WorkerProcess {
  readonly pid: number | undefined
  /** Resolves when it can be called: Node drops what comes before. */
  readonly ready: Promise<void>
  readonly call: Caller<WorkerCalls>
  /** Resolves when it has ended, or could not be made. Never rejects. */
  readonly ended: Promise<WorkerEnd>
  /** Closes the channel: the worker ends by itself. */
  letGo(): void
  /** Ends it at once; a worker that is hung, too. */
  kill(): void
}

/** Makes a worker: a fork of this process, with its arguments and environment, that shares the doors' ports. */
export function forkWorker(calls: PrimaryCalls): WorkerProcess {
  let worker: ReturnType<typeof cluster.fork>
  try {
    worker = cluster.fork()
  } catch (error) {
    return unmade(error as Error)
  }
  const child: ChildProcess = worker.process
  closeOrphanedConnections(child)
  answerCalls(child, calls)
  return {
    pid: child.pid,
    ready: new Promise((resolve) => {
      child.on('message', (message: Partial<WorkerReady>) => message?.ready && resolve())
    }),
    call: createCaller(child),
    ended: new Promise((resolve) => {
      // Without this listener a process that cannot be made would end the primary, too
      worker.on('error', (error: Error) => {
        if (child.pid === undefined) resolve({ error })
      })
      worker.once('exit', (code, signal) => resolve({ code, signal }))
    }),
    letGo: () => {
      if (child.connected) worker.disconnect()
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

function unmade(error: Error): WorkerProcess {
  return {
    pid: undefined,
    ready: new Promise(() => {}),
    call: () => Promise.reject(error),
    ended: Promise.resolve({ error }),
    letGo: () => {},
    kill: () => {},
  }
}
