import type { Policy } from './subscription.js'

/** The record of a subscription's token. The token itself is kept nowhere. */
export interface SubscriptionToken extends Policy {
  readonly id: string
  /** The SHA-256 of the token, in lower-case hexadecimal digits. */
  readonly digest: string
  /** The address that it was made for; undefined if it was made by hand. */
  readonly gateway?: string | undefined
  /** Undefined while it is valid. */
  readonly revokedAt?: number | undefined
}

/** A token that is to be made. */
export interface NewSubscriptionToken extends Policy {
  readonly digest: string
  /** What InfluxDB calls the subscription. */
  readonly name: string
  readonly gateway: string
}

/** Where the tokens are kept: the registry, or meta nodes. All reject as those do. */
export interface SubscriptionTokens {
  listSubscriptionTokens(): Promise<readonly SubscriptionToken[]>
  createSubscriptionToken(token: NewSubscriptionToken): Promise<SubscriptionToken>
  revokeSubscriptionToken(id: string): Promise<unknown>
}
