import { createHash } from 'node:crypto'

/** What the names of all subscriptions begin with that gateways make. */
export const GATEWAY_PREFIX = 'kapacitor-auth-'

const OURS = /^kapacitor-auth-[0-9a-f]{8}-([1-9]\d{0,8})$/

/** `kapacitor-` and its server id or cluster id; old versions: `kapacitor`. */
const KAPACITORS = /^kapacitor(?:-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?$/

/**
 * The name of a subscription that points to `address`: each address has names of its own, so that gateways with different
 * ones leave each other's alone. A subscription that takes the place of another has the next number: InfluxDB goes on
 * with the old destination if one of the same name is dropped and made within a moment.
 */
export function subscriptionName(address: string, number: number): string {
  return `${prefixOf(address)}${number}`
}

/**
 * The name of a subscription that is made by hand, if nobody gives it one: not one of those that gateways keep, which
 * would take it for theirs.
 */
export const handMadeName = (address: string): string => `by-hand-${digitsOf(address)}-1`

/** The number of a subscription that points to `address`; undefined if it is another's. */
export function numberIn(name: string, address: string): number | undefined {
  if (!name.startsWith(prefixOf(address))) return undefined
  const number = OURS.exec(name)?.[1]
  return number === undefined ? undefined : Number(number)
}

/** The name of what takes the place of a subscription: with the next number. */
export function nextName(name: string): string {
  const [, base = name, number = '1'] = /^(.*)-([1-9]\d{0,8})$/s.exec(name) ?? []
  return `${base}-${Number(number) + 1}`
}

/** Whether some gateway has made it, whatever its address. */
export const isGateways = (name: string): boolean => name.startsWith(GATEWAY_PREFIX)

/** Whether a Kapacitor has made it for itself. */
export const isKapacitors = (name: string): boolean => KAPACITORS.test(name)

function prefixOf(address: string): string {
  return `${GATEWAY_PREFIX}${digitsOf(address)}-`
}

function digitsOf(address: string): string {
  return createHash('sha256').update(address).digest('hex').slice(0, 8)
}
