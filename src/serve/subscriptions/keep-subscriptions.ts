import type { Part } from '../../admin/administered.js'
import type { MetricsSnapshot } from '../../admin/metrics.js'
import { createSubscriptionMetrics } from '../../admin/subscription-metrics.js'
import type { Config } from '../../config/config.js'
import type { Upstream } from '../../gateway/connections/upstream.js'
import { createEngine } from '../../gateway/influxdb/upstream/engine.js'
import type { Logger } from '../../log/logger.js'
import { addressOf } from '../../subscriptions/destination.js'
import { INFLUXDB_PATIENCE } from '../../subscriptions/revocation-delays.js'
import {
  createSubscriptionKeeper,
  type SubscriptionKeeper,
  type SubscriptionStatus,
} from '../../subscriptions/subscription-keeper.js'
import type { SubscriptionTokens } from '../../subscriptions/subscription-tokens.js'
import { createWanted } from '../../subscriptions/wanted.js'
import { createInfluxdbUpstream } from '../doors/influxdb-upstream.js'
import { changedKeys } from '../reload/changed-keys.js'
import { openMetaNodeTokens } from './open-meta-node-tokens.js'

/** The subscriptions in InfluxDB that `[gateway] subscriptions` asks for. One process of a server keeps them. */
export interface Subscriptions {
  /** What readiness shows: none where they are off. */
  parts(): Part[]
  /** The metrics as plain data; undefined where they are off. */
  snapshot(): Promise<MetricsSnapshot>
  /**
   * Goes on as another configuration says.
   *
   * @throws AuthError `ERR_CONFIG_INVALID` if certificates cannot be used; it goes on as before then
   */
  use(config: Config): Promise<void>
  /** Looks in a moment: databases or retention policies have changed. */
  lookSoon(): void
  close(): Promise<void>
}

const KEYS = /^gateway\.(?:subscription|influxdb-|connect-timeout)|^auth\.meta-/

/**
 * @param own where the tokens are kept; undefined: the meta nodes of `[auth] meta-addr`
 * @throws AuthError `ERR_CONFIG_INVALID` if certificates cannot be used
 */
export function keepSubscriptions(
  first: Config,
  own: SubscriptionTokens | undefined,
  logger: Logger,
): Subscriptions {
  let config = first
  let kept = prepare(config)?.()

  /** All that can fail. @returns begins; undefined where subscriptions are off */
  function prepare({ gateway, auth }: Config): (() => Kept) | undefined {
    if (!gateway.subscriptions) return undefined
    const upstream = createInfluxdbUpstream({
      ...gateway,
      responseTimeout: INFLUXDB_PATIENCE,
      idleTimeout: INFLUXDB_PATIENCE,
      maxConnections: 1,
    })
    try {
      const foreign = own ? undefined : openMetaNodeTokens(auth)
      return () => begin(gateway, upstream, foreign)
    } catch (error) {
      upstream.close()
      throw error
    }
  }

  function begin(
    gateway: Config['gateway'],
    upstream: Upstream,
    foreign: ReturnType<typeof openMetaNodeTokens> | undefined,
  ): Kept {
    const keeper = createSubscriptionKeeper({
      influxdb: createEngine(upstream),
      tokens: (own ?? foreign) as SubscriptionTokens,
      address: addressOf(gateway.subscriptionUrl),
      isWanted: createWanted({
        include: gateway.subscriptionsInclude,
        exclude: gateway.subscriptionsExclude,
      }),
      interval: gateway.subscriptionsSyncInterval,
      tokenMaxAge: gateway.subscriptionTokenMaxAge,
      logger,
    })
    return {
      keeper,
      metrics: createSubscriptionMetrics(keeper.status),
      async close() {
        await keeper.close()
        upstream.close()
        foreign?.close()
      },
    }
  }

  return {
    parts: () => (kept ? [partOf(kept.keeper.status())] : []),
    snapshot: async () => (await kept?.metrics.snapshot()) ?? [],
    async use(next) {
      const isSame = !changedKeys(config, next).some((id) => KEYS.test(id))
      const start = isSame ? undefined : prepare(next)
      config = next
      if (isSame) return
      await kept?.close()
      kept = start?.()
    },
    lookSoon: () => kept?.keeper.lookSoon(),
    close: async () => kept?.close(),
  }
}

interface Kept {
  readonly keeper: SubscriptionKeeper
  readonly metrics: { snapshot(): Promise<MetricsSnapshot> }
  close(): Promise<void>
}

/** Points come without a look, too, so the server is ready all the same. */
function partOf({ kept, problem, warnings }: SubscriptionStatus): Part {
  const name = 'subscriptions'
  if (problem !== undefined) return { name, ready: false, required: false, reason: problem }
  if (kept === undefined) return { name, ready: false, required: false, reason: 'not looked yet' }
  return { name, ready: true, reason: [`${kept} in InfluxDB`, ...warnings].join('; ') }
}
