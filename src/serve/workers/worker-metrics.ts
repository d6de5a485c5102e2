import { type MetricsSnapshot, mergeMetrics, sumCounters } from '../../admin/metrics.js'

/** The metrics of all workers, with what those that have ended had counted: no counter ever goes back. */
export interface WorkerMetrics<Worker> {
  /** What a worker has just reported. */
  note(worker: Worker, snapshot: MetricsSnapshot): void
  /** Keeps the last counters of a worker that has ended. */
  keep(worker: Worker): void
  /**
   * In Prometheus' text format. A worker that has not reported lately counts with its last report.
   *
   * @param others of other parts of the program, to be added up with these @default none
   */
  text(others?: readonly MetricsSnapshot[]): Promise<string>
}

export function createWorkerMetrics<Worker>(): WorkerMetrics<Worker> {
  const running = new Map<Worker, MetricsSnapshot>()
  let ended: Promise<MetricsSnapshot> = Promise.resolve([])

  return {
    note(worker, snapshot) {
      running.set(worker, snapshot)
    },
    keep(worker) {
      const last = running.get(worker)
      running.delete(worker)
      if (last) ended = ended.then((sum) => sumCounters([sum, last]))
    },
    async text(others = []) {
      return mergeMetrics([...running.values(), await ended, ...others])
    },
  }
}
