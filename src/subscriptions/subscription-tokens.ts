import type { Policy } from './influxdb-subscription.js'

/** A valid token of a subscription. The token itself is kept nowhere. */
export interface SubscriptionToken extends Policy {
  readonly id: string
}

/** As it stands in the list of all. */
export interface ListedToken extends SubscriptionToken {
  /** The address that it was made for; undefined if it was made by hand. */
  readonly gateway?: string | undefined
  /** In milliseconds since 1970. */
  readonly createdAt: number
}

/** A token that is to be made. */
export interface WantedToken extends Policy {
  /** What InfluxDB calls the subscription. */
  readonly name: string
  readonly gateway?: string | undefined
}

/** Where the tokens are kept: the registry, or meta nodes. All reject as those do. */
export interface SubscriptionTokens {
  /** All valid ones. */
  list(): Promise<readonly ListedToken[]>
  /** The valid one with this SHA-256, in lower-case hexadecimal digits. */
  find(digest: string): Promise<SubscriptionToken | undefined>
  /** @returns its ID, and the token, which is not told again */
  create(wanted: WantedToken): Promise<{ readonly id: string; readonly token: string }>
  revoke(id: string): Promise<void>
}
