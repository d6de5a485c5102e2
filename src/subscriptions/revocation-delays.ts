import type { Milliseconds } from '../time.js'

/**
 * How long the token of a subscription that was dropped stays valid: InfluxDB sends what it had queued, up to a thousand
 * writes, forty at a time, which takes a busy machine more than two seconds. It is also longer than another gateway,
 * which has just made a token, waits for InfluxDB to make the subscription, see `INFLUXDB_PATIENCE`.
 */
export const UNUSED_AGE: Milliseconds = 15_000

/** How long InfluxDB may take to answer a gateway that keeps subscriptions. */
export const INFLUXDB_PATIENCE: Milliseconds = 10_000
