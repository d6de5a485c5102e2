import { decoyHashes, type HashKind, type HashWork } from './password-hash.js'

/** The cost of InfluxDB's meta nodes: from the start an unknown user is answered like one of theirs. */
const USUAL: HashWork = { kind: 'bcrypt', rounds: 2 ** 10 }

/** Makes every "no" take as long as any other. */
export interface Decoy {
  /** Notes the work that an account's hash takes. */
  observe(work: HashWork | undefined): void

  /**
   * The hashes to compare with after one that took `work`, or after none, before the answer is "no". All together
   * they are, of each kind observed, as many rounds as the slowest account's.
   */
  after(work?: HashWork): readonly string[]
}

/**
 * How long a round of one kind takes beside one of another depends on the machine. So no kind stands in for another:
 * once an account with PBKDF2 was observed, a "no" takes both PBKDF2 and bcrypt.
 *
 * @param own what hashes made here take
 */
export function createDecoy(own: HashWork): Decoy {
  const slowest = new Map<HashKind, HashWork>([['bcrypt', USUAL]])

  function observe(work: HashWork | undefined): void {
    if (work && work.rounds > (slowest.get(work.kind)?.rounds ?? 0)) {
      slowest.set(work.kind, { kind: work.kind, rounds: work.rounds })
    }
  }
  observe(own)

  return {
    observe,
    after(work) {
      const hashes: string[] = []
      for (const most of slowest.values()) {
        hashes.push(...decoyHashes(most, work?.kind === most.kind ? work.rounds : 0))
      }
      return hashes
    },
  }
}
