import { availableParallelism } from 'node:os'
import type { Config } from '../../config/config.js'

/**
 * The configuration of one of several processes, with its share of what the whole server is allowed: wrong passwords, and
 * the threads and the queue of hashing. So `[http] workers` does not multiply what an attacker may try.
 */
export function shareOf(config: Config, processes: number): Config {
  if (processes === 1) return config
  const { auth } = config
  const share = (whole: number) => Math.max(1, Math.floor(whole / processes))
  return Object.freeze({
    ...config,
    auth: Object.freeze({
      ...auth,
      wrongPasswordBurst: share(auth.wrongPasswordBurst),
      wrongPasswordInterval: auth.wrongPasswordInterval * processes,
      hashQueue: share(auth.hashQueue),
      hashThreads: share(auth.hashThreads || availableParallelism()),
    }),
  })
}
