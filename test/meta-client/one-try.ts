import type { MetaClientOptions } from '../../src/meta-client/client.js'

/** A client that asks each node once: the first pause takes all the time there is. A try may take 20 s unless told otherwise. */
export function oneTry(attemptTimeout = 20_000) {
  let time = 0
  return {
    timeout: 60_000,
    attemptTimeout,
    clock: () => time,
    sleep: async () => { time = Number.POSITIVE_INFINITY },
  } satisfies Partial<MetaClientOptions>
}
