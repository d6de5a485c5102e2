import { inspect } from 'node:util'

/** What is printed in place of a secret. */
export const MASK = '***'

/**
 * A password or shared secret that cannot be printed by accident: `toString`, `JSON.stringify` and
 * `util.inspect` (so `console.log`, too) all give `***`. Only `reveal()` gives the text.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
    Object.freeze(this)
  }

  /** The text itself. Call it where the text is used, and keep no copy. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return MASK
  }

  toJSON(): string {
    return MASK
  }

  [inspect.custom](): string {
    return MASK
  }
}
