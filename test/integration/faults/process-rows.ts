import { BY_ITSELF, type FaultText } from './fault.js'

/** What test/serve proves: process-faults, worker-pool, reload, certificate-watch. */
export const PROCESS_FAULTS: readonly FaultText[] = [
  row('a worker is killed',                             'its connections are closed, others: 200', 'not ready: workers', 'replaced after 0.5 s, with the configuration in force'),
  row('a worker hangs',                                 'its own clients wait, others: 200',       'not ready: workers', 'killed and replaced within 40 s, or 10 s after SIGHUP'),
  row('a worker hangs while the server stops',          'no answer',                               'no answer',          'killed 1 s after `shutdown-timeout`'),
  row('no worker can be started (ENOENT, EAGAIN, EMFILE)', 'the others: 200',                      'not ready: workers', 'tried again with growing pauses, logged once'),
  row('the primary process is killed',                  'requests in flight are finished, then no answer', 'no answer',  'started again by the service manager'),
  row('the configuration file is wrong or missing at SIGHUP', '200',                               'ready, and names it', 'recovers at SIGHUP with a good file'),
  row('the configuration file is wrong, and a worker ends', '200',                                 'ready',              'nothing to do: a new worker does not read it'),
  row('a worker refuses a reload, or does not answer it', 'its connections are closed',             'not ready: workers', 'killed and replaced, with the new configuration'),
]

/** What test/registry proves: lmdb-crash and lmdb-system. */
export const DISK_FAULTS: readonly FaultText[] = [
  row("the registry's disk is full",                    '200; changes of users: 503',              'ready',              BY_ITSELF),
  row('the disk is full at the first start',            'no answer',                               'no answer',          'it says so and ends; started again by the service manager'),
]

/** The same for known and new users. */
function row(fault: string, seen: string, readyz: string, after: string): FaultText {
  return { fault, remembered: seen, unknown: seen, readyz, after }
}
