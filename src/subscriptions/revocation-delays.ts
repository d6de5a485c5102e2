import type { Milliseconds } from '../time.js'

/**
 * How long InfluxDB may go on to post with the token of a subscription that was dropped: it sends what it had queued, up to a
 * thousand writes, forty at a time. `subscription rotate` waits as long, since somebody waits for it.
 */
export const QUEUED: Milliseconds = 2_000

/**
 * How long a token must be seen without a subscription before a gateway revokes it. It contains `QUEUED`, and is longer than
 * another gateway, which has just made the token, waits for InfluxDB to make the subscription, see `INFLUXDB_PATIENCE`.
 */
export const UNUSED_AGE: Milliseconds = 15_000

/** How long InfluxDB may take to answer a gateway that keeps subscriptions. */
export const INFLUXDB_PATIENCE: Milliseconds = 10_000
