// Who computes bcrypt: @node-rs/bcrypt, in machine code, where it is installed for this platform; else bcryptjs. Both
// say the same of what `isUsableHash` and `isUsablePassword` let through. JavaScript, as is bcrypt-worker.js, which runs it.
import bcryptjs from 'bcryptjs'

/**
 * @typedef {object} BcryptEngine
 * @property {'native' | 'portable'} kind
 * @property {(password: string, cost: number) => string} hash makes a `$2b$` hash
 * @property {(password: string, hash: string) => boolean} compare
 */

/** @type {BcryptEngine} */
const PORTABLE = { kind: 'portable', hash: bcryptjs.hashSync, compare: bcryptjs.compareSync }

/**
 * The native engine if it can be loaded and is one that we know, else the portable one.
 *
 * @param {boolean} [portable] whether to take the portable one anyway
 * @returns {Promise<BcryptEngine>}
 */
export async function loadBcrypt(portable = false) {
  if (portable) return PORTABLE
  try {
    // biome-ignore lint/suspicious/noTsIgnore: where it is installed there is no error to be expected
    // @ts-ignore: it is optional, and may be missing where this is built
    const { hashSync, verifySync } = await import('@node-rs/bcrypt')
    /** @type {BcryptEngine} */
    const native = {
      kind: 'native',
      hash: (password, cost) => `$2b$${hashSync(password, cost).slice(4)}`, // it says $2y$, which is the same
      compare: verifySync,
    }
    return isSound(native) ? native : PORTABLE
  } catch {
    return PORTABLE // not installed, not for this platform, or a version that is called otherwise (2.0)
  }
}

/** A binary that was built for another machine may load, and be wrong: a known answer at the lowest cost, one millisecond. */
function isSound(/** @type {BcryptEngine} */ { hash, compare }) {
  const made = hash('a', 4)
  return (
    made.startsWith('$2b$04$') &&
    compare('a', made) &&
    bcryptjs.compareSync('a', made) &&
    !compare('b', made)
  )
}
