import { shown } from '../../text/printable.js'
import type { PublicKey, PublicKeys } from './key-set/public-keys.js'
import type { ProviderEvent } from './provider-event.js'

/** So many of a list are written out. */
const MOST = 5

export const awayEvent = (reason: string, keys: number): ProviderEvent => ({
  kind: 'away',
  keys,
  message: `the identity provider's keys cannot be fetched: ${reason}; ${
    keys === 0 ? 'no keys are known' : `${count(keys, 'known key')} will be used meanwhile`
  }`,
})

export const backEvent = (keys: number): ProviderEvent => ({
  kind: 'back',
  keys,
  message: `the identity provider's keys can be fetched again: ${count(keys, 'key')}`,
})

export const expiredEvent = (): ProviderEvent => ({
  kind: 'expired',
  keys: 0,
  message: "the identity provider's keys are older than keep-keys, and are not used any more",
})

/** What was added or withdrawn; undefined if nothing was. */
export function keysEvent(before: PublicKeys, after: PublicKeys): ProviderEvent | undefined {
  const added = missingIn(before.keys, after.keys)
  const withdrawn = missingIn(after.keys, before.keys)
  const isSame = String(before.skipped) === String(after.skipped)
  if (added.length === 0 && withdrawn.length === 0 && isSame) return undefined
  const parts = [
    added.length > 0 && `${count(added.length, 'key')} added (${names(added)})`,
    withdrawn.length > 0 && `${count(withdrawn.length, 'key')} withdrawn (${names(withdrawn)})`,
    after.skipped.length > 0 && `not used: ${list(after.skipped)}`,
  ]
  const changes = parts.filter(Boolean).join('; ') || 'all keys of the set can be used'
  return {
    kind: 'keys',
    keys: after.keys.length,
    message: `the identity provider's keys: ${changes}`,
  }
}

const missingIn = (some: readonly PublicKey[], others: readonly PublicKey[]) =>
  others.filter((key) => !some.includes(key))

const names = (keys: readonly PublicKey[]) => list(keys.map(({ kid }) => shown(kid ?? '')))

const list = (texts: readonly string[]) =>
  texts.length > MOST
    ? `${texts.slice(0, MOST).join(', ')} and ${texts.length - MOST} more`
    : texts.join(', ')

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`
