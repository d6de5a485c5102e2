import { LRUCache } from 'lru-cache'
import { createKeyedDigest } from './keyed-digest.js'
import type { PasswordDigest } from './password-digest.js'

/** What an `Authorization` header was found to hold. */
export interface VerifiedHeader {
  readonly name: string

  /** The digest that its password left on the account: it holds for as long as the account has this very one. */
  readonly digest: PasswordDigest
}

/** Remembers headers that proved a password: by a keyed digest, never themselves. */
export interface HeaderMemory {
  get(header: string): VerifiedHeader | undefined
  set(header: string, verified: VerifiedHeader): void
}

/**
 * A memory for `max` headers; the least recently used goes first. It decides nothing: an entry says only where to
 * look, so that an old one lets nobody in.
 */
export function createHeaderMemory(max: number): HeaderMemory {
  const known = new LRUCache<string, VerifiedHeader>({ max })
  const digest = createKeyedDigest()
  return {
    get: (header) => known.get(digest(header)),
    set(header, verified) {
      known.set(digest(header), verified)
    },
  }
}
