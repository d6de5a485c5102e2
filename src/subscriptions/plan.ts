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
  /** The valid token that a subscription of ours posts with, if it has one. */
  readonly tokenOf: (subscription: Subscription) => SubscriptionToken | undefined
}

/** Why a subscription is replaced whose token is unknown here, revoked, or for something else. */
export const INVALID_TOKEN = 'its token is not valid'

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
  /** Ours that are not wanted, or of which there is a newer one. */
  readonly unwanted: readonly Subscription[]
  /** The IDs of tokens made for this address that no subscription has. */
  readonly unusedTokens: readonly string[]
  /** A Kapacitor's own, beside one of ours: its points come twice. */
  readonly kapacitors: readonly Subscription[]
  /** Of gateways with another address, beside one of ours. */
  readonly otherGateways: readonly Subscription[]
}

/** What has to be done so that each wanted retention policy has exactly one subscription with a valid token. */
export function planSubscriptions(situation: Situation): Plan {
  const { address, isWanted, policies, subscriptions, tokens, tokenOf } = situation
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
    const number = latest ? numberOf(latest) + 1 : 1
    missing.push({
      ...policy,
      name: subscriptionName(address, number),
      replaced: present,
      reason: latest ? (faultOf(latest) ?? '') : 'there was none',
    })
  }
  for (const left of ours.values()) unwanted.push(...left)

  return {
    kept,
    missing,
    unwanted,
    unusedTokens: tokens
      .filter(({ id, gateway }) => gateway === address && !used.has(id))
      .map(({ id }) => id),
    kapacitors: others.filter(({ name }) => isKapacitors(name)),
    otherGateways: others.filter(({ name }) => isGateways(name)),
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
