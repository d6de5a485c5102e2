import { readDestination } from './destination.js'
import { keyOf, type Policy, type Subscription } from './influxdb-subscription.js'
import { isGateways, isKapacitors, numberIn, subscriptionName } from './subscription-name.js'
import type { ListedToken, SubscriptionToken } from './subscription-tokens.js'

export interface Situation {
  /** Where InfluxDB is to post to, as `addressOf` writes it. */
  readonly address: string
  readonly isWanted: (policy: Policy) => boolean
  readonly policies: readonly Policy[]
  readonly subscriptions: readonly Subscription[]
  /** All valid tokens. */
  readonly tokens: readonly ListedToken[]
  /** Whether a token is to be replaced, although it is valid. */
  readonly isTooOld: (token: ListedToken) => boolean
  /** The valid token that a subscription of ours posts with, if it has one. */
  readonly tokenOf: (subscription: Subscription) => SubscriptionToken | undefined
}

/** Why a subscription is replaced whose token is unknown here, revoked, or for something else. */
export const INVALID_TOKEN = 'its token is not valid'

/** Why one is replaced whose token is valid. */
const TOO_OLD = 'its token is older than subscription-token-max-age'

/** A subscription that is to be made. */
export interface Missing extends Policy {
  readonly name: string
  /** Those whose place it takes, and why. */
  readonly replaced: readonly Subscription[]
  readonly reason: string
}

export interface Plan {
  readonly kept: readonly Subscription[]
  readonly missing: readonly Missing[]
  /** What is to take the place of those kept whose tokens are too old, the oldest first. */
  readonly outdated: readonly Missing[]
  /** Ours that are not wanted, or of which there is a newer one. */
  readonly unwanted: readonly Subscription[]
  /** The IDs of tokens made for this address that no subscription has. */
  readonly unusedTokens: readonly string[]
  /** A Kapacitor's own, beside one of ours: its points come twice. */
  readonly kapacitors: readonly Subscription[]
  /** Of gateways with another address, beside one of ours. */
  readonly otherGateways: readonly Subscription[]
  /** Made by hand, beside one of ours, and posting to the same address: their points come twice. */
  readonly doubles: readonly Subscription[]
}

const isByHand = ({ name }: Subscription) => !isKapacitors(name) && !isGateways(name)

/** What has to be done so that each wanted retention policy has exactly one subscription with a valid token. */
export function planSubscriptions(situation: Situation): Plan {
  const { address, isWanted, policies, subscriptions, tokens, isTooOld, tokenOf } = situation
  const wanted = policies.filter(isWanted)
  const isKept = new Set(wanted.map(keyOf))
  const ours = new Map<string, Subscription[]>()
  for (const one of subscriptions.filter(isOurs)) {
    ours.set(keyOf(one), [...(ours.get(keyOf(one)) ?? []), one])
  }
  const others = subscriptions.filter((one) => isKept.has(keyOf(one)) && !isOurs(one))
  const used = new Set<string>()
  const kept: Subscription[] = []
  const missing: Missing[] = []
  const unwanted: Subscription[] = []

  for (const policy of wanted) {
    const present = (ours.get(keyOf(policy)) ?? []).toSorted(byNumber)
    ours.delete(keyOf(policy))
    const best = present.find((one) => faultOf(one) === undefined)
    if (best) {
      kept.push(best)
      unwanted.push(...present.filter((one) => one !== best))
      used.add(tokenOf(best)?.id ?? '')
      continue
    }
    const [latest] = present
    const reason = latest ? (faultOf(latest) ?? '') : 'there was none'
    missing.push(inPlaceOf(policy, present, reason))
  }
  for (const left of ours.values()) unwanted.push(...left)

  return {
    kept,
    missing,
    outdated: outdated(),
    unwanted,
    unusedTokens: tokens
      .filter(({ id, gateway }) => gateway === address && !used.has(id))
      .map(({ id }) => id),
    kapacitors: others.filter(({ name }) => isKapacitors(name)),
    otherGateways: others.filter(({ name }) => isGateways(name)),
    doubles: others.filter((one) => isByHand(one) && postsHere(one)),
  }

  function outdated(): Missing[] {
    const ages = new Map(tokens.filter(isTooOld).map(({ id, createdAt }) => [id, createdAt]))
    const createdAt = (one: Subscription) => ages.get(tokenOf(one)?.id ?? '')
    return kept
      .filter((one) => createdAt(one) !== undefined)
      .sort((a, b) => (createdAt(a) ?? 0) - (createdAt(b) ?? 0))
      .map((one) => inPlaceOf(one, [one], TOO_OLD))
  }

  /** @param replaced the latest first */
  function inPlaceOf(
    { database, policy }: Policy,
    replaced: readonly Subscription[],
    reason: string,
  ): Missing {
    const [latest] = replaced
    const name = subscriptionName(address, latest ? numberOf(latest) + 1 : 1)
    return { database, policy, name, replaced, reason }
  }

  function postsHere({ destinations }: Subscription): boolean {
    return destinations.some((one) => readDestination(one)?.address === address)
  }

  function isOurs({ name }: Subscription): boolean {
    return numberIn(name, address) !== undefined
  }

  function numberOf({ name }: Subscription): number {
    return numberIn(name, address) ?? 0
  }

  function byNumber(a: Subscription, b: Subscription): number {
    return numberOf(b) - numberOf(a)
  }

  /** Why a subscription of ours cannot stay; undefined if it can. */
  function faultOf(one: Subscription): string | undefined {
    const [text = '', ...more] = one.destinations
    if (one.mode !== 'ANY' || more.length > 0) return 'it was changed'
    if (readDestination(text)?.address !== address) return 'it pointed somewhere else'
    const token = tokenOf(one)
    return token && keyOf(token) === keyOf(one) ? undefined : INVALID_TOKEN
  }
}
