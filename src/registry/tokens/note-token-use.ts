import type { Draft, Snapshot } from '../store/store.js'
import { readSubscription } from './subscription-record.js'
import { readToken } from './token-record.js'
import { hourOf, writeUse } from './token-use.js'

/**
 * Notes that tokens were used, to the hour. Those that are unknown, revoked or noted already are left alone.
 *
 * @param digests of own tokens, or of subscriptions'
 */
export async function noteTokenUse(
  draft: Draft,
  digests: readonly string[],
  now: number,
): Promise<void> {
  const hour = hourOf(now)
  for (const digest of digests) {
    const used = await usedBefore(draft, digest)
    if (used !== undefined && used < hour) writeUse(draft, digest, hour)
  }
}

/** When; 0 if never; undefined for a token that is unknown or revoked. */
async function usedBefore(snapshot: Snapshot, digest: string): Promise<number | undefined> {
  const token = (await readToken(snapshot, digest)) ?? (await readSubscription(snapshot, digest))
  return token && token.revokedAt === undefined ? (token.lastUsedAt ?? 0) : undefined
}

/** How many wait to be noted at the most; others are noted the next time. */
const MOST_WAITING = 1_000

/** How many are noted in one change. */
const AT_ONCE = 50

/** Notes uses behind the requests that they come with. */
export interface TokenUses {
  /** @param lastUsedAt what is known of its last use */
  note(digest: string, lastUsedAt: number | undefined): void
}

/**
 * Notes uses one change after the other, and nothing that was noted in this hour already: a request that
 * uses a token does not wait for it. What cannot be written is dropped: it is noted the next time.
 *
 * @param write notes them, see `noteTokenUse`
 * @param now milliseconds since 1970
 */
export function createTokenUses(
  write: (digests: readonly string[]) => Promise<void>,
  now: () => number,
): TokenUses {
  const waiting = new Set<string>()
  let isBusy = false

  async function work(): Promise<void> {
    isBusy = true
    try {
      while (waiting.size > 0) {
        const digests = [...waiting].slice(0, AT_ONCE)
        for (const digest of digests) waiting.delete(digest)
        await write(digests)
      }
    } catch {
      waiting.clear()
    }
    isBusy = false
  }

  return {
    note(digest, lastUsedAt) {
      if ((lastUsedAt ?? 0) >= hourOf(now()) || waiting.size >= MOST_WAITING) return
      waiting.add(digest)
      if (!isBusy) void work()
    },
  }
}
