/** One retention policy of one database. */
export interface Policy {
  readonly database: string
  readonly policy: string
}

/** A subscription, whatever else it has. */
export interface NamedSubscription extends Policy {
  readonly name: string
}

/** A subscription as InfluxDB knows it. */
export interface Subscription extends NamedSubscription {
  readonly mode: string
  /** With credentials: never to be shown. */
  readonly destinations: readonly string[]
}

/** For maps: names hold no NUL. */
export const keyOf = ({ database, policy }: Policy): string => `${database}\0${policy}`

/** The same for a subscription. */
export const subscriptionKeyOf = (one: NamedSubscription): string => `${keyOf(one)}\0${one.name}`

/** For people: `telegraf.autogen`. */
export const policyText = ({ database, policy }: Policy): string => `${database}.${policy}`
