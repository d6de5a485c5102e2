import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { createKeyedDigest, DIGEST_KEY_BYTES, type KeyedDigest } from './keyed-digest.js'

/** Remembers what secrets (headers, signatures of tokens) were found to say. */
export interface SecretMemory<Meaning extends object> {
  get(secret: string): Meaning | undefined

  /** What is longer than 1 MB is not remembered. */
  set(secret: string, meaning: Meaning): void
}

/** The last three words of a secret's digest: a list of them would take twice the memory. */
interface Known<Meaning> {
  readonly word1: number
  readonly word2: number
  readonly word3: number
  readonly meaning: Meaning
}

/**
 * A memory for `max` secrets; the least recently used goes first. Secrets are kept as digests under a random key of this
 * memory, never themselves. Of two with the same first word (any two: one in 2^32) the later one is kept.
 */
export function createSecretMemory<Meaning extends object>(max: number): SecretMemory<Meaning> {
  const known = new LRUCache<number, Known<Meaning>>({ max })
  const digestOf = createKeyedDigest(randomBytes(DIGEST_KEY_BYTES))
  return {
    get(secret) {
      const digest = digestOf(secret)
      const found = digest && known.get(digest[0] as number)
      return found && isOf(digest, found) ? found.meaning : undefined
    },
    set(secret, meaning) {
      const digest = digestOf(secret)
      if (digest === undefined) return
      const [word0 = 0, word1 = 0, word2 = 0, word3 = 0] = digest
      known.set(word0, { word1, word2, word3, meaning })
    },
  }
}

/** In constant time, as it is derived from a secret. */
function isOf(digest: KeyedDigest, { word1, word2, word3 }: Known<unknown>): boolean {
  const differs =
    ((digest[1] as number) ^ word1) |
    ((digest[2] as number) ^ word2) |
    ((digest[3] as number) ^ word3)
  return differs === 0
}
