import type { Account, Found } from '../../src/authn/directory/directory.js'
import { isRefused } from '../../src/token/refused-token.js'

/** The account that a directory found; undefined if there is none. */
export const accountIn = (found: Found): Account | undefined => (isRefused(found) ? undefined : found)
