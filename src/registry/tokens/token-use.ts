import type { Snapshot, Writer } from '../store/store.js'
import type { Key } from '../store/store-key.js'

/**
 * `['token-use', digest]` → when an own token, or one of a subscription, was used last, in milliseconds since 1970. Apart
 * from the rest, because it does not change what anybody may do.
 */
const USES: Key = ['token-use']

/** Uses are kept to the hour: so the registry is written to once an hour for each token at the most. */
const HOUR = 3_600_000

/** The beginning of its hour. */
export function hourOf(time: number): number {
  return time - (time % HOUR)
}

export async function readUse(snapshot: Snapshot, digest: string): Promise<number | undefined> {
  return (await snapshot.get([...USES, digest])) as number | undefined
}

export function writeUse(draft: Writer, digest: string, at: number): void {
  draft.put([...USES, digest], at)
}

export function removeUse(draft: Writer, digest: string): void {
  draft.remove([...USES, digest])
}
