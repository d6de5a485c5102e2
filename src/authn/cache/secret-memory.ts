import { hash, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/** Remembers what secrets (headers, tokens) were found to say. */
export interface SecretMemory<Meaning extends object> {
  get(secret: string): Meaning | undefined

  /** A text with half a surrogate pair has no UTF-8 of its own, and is not remembered. */
  set(secret: string, meaning: Meaning): void
}

/**
 * A memory for `max` secrets; the least recently used goes first. Secrets are kept as their SHA-256 under a random key of
 * this memory, never themselves: the digests are worthless without the key, and nobody outside can choose one.
 */
export function createSecretMemory<Meaning extends object>(max: number): SecretMemory<Meaning> {
  const known = new LRUCache<string, Meaning>({ max })
  const key = randomBytes(32).toString('hex')
  const digestOf = (secret: string) => hash('sha256', key + secret, 'binary')
  return {
    get: (secret) => (secret.isWellFormed() ? known.get(digestOf(secret)) : undefined),
    set(secret, meaning) {
      if (secret.isWellFormed()) known.set(digestOf(secret), meaning)
    },
  }
}
