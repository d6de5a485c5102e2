import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { createSipHash, SIP_KEY_BYTES } from './sip-hash.js'

/** Remembers what secrets (headers, tokens) were found to say. */
export interface SecretMemory<Meaning extends object> {
  get(secret: string): Meaning | undefined

  /** What no HTTP header can hold, a character beyond U+00FF, is not remembered. */
  set(secret: string, meaning: Meaning): void
}

/**
 * A memory for `max` secrets; the least recently used goes first. Secrets are kept as MACs under a random key of this
 * memory, never themselves.
 */
export function createSecretMemory<Meaning extends object>(max: number): SecretMemory<Meaning> {
  const known = new LRUCache<string, Meaning>({ max })
  const digest = createSipHash(randomBytes(SIP_KEY_BYTES))
  return {
    get(secret) {
      const key = digest(secret)
      return key === undefined ? undefined : known.get(key)
    },
    set(secret, meaning) {
      const key = digest(secret)
      if (key !== undefined) known.set(key, meaning)
    },
  }
}
