/** Chance from a seed: the same seed, the same choices. Mulberry32, as Tommy Ettinger published it. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** At least 0, less than 1. */
  protected random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  protected int(from: number, to: number): number {
    return from + Math.floor(this.random() * (to - from + 1))
  }

  protected chance(probability: number): boolean {
    return this.random() < probability
  }

  protected pick<T>(items: readonly T[]): T {
    return items[this.int(0, items.length - 1)] as T
  }
}
