import { type JsonObject, member } from '../../../text/json-object.js'
import { claimAt } from './claim-at.js'

export interface TokenGroups {
  readonly groups: readonly string[]
  /** Why there are none though the token tells of some. */
  readonly groupsProblem?: string
}

const NONE: TokenGroups = { groups: [] }

const problem = (groupsProblem: string): TokenGroups => ({ groups: [], groupsProblem })

/**
 * The groups that a claim lists, see `claimAt`. Only a list of texts counts. Entra leaves out too long a list and names a
 * URL instead: that is never asked.
 */
export function readGroups(claims: JsonObject, claim: string | undefined): TokenGroups {
  if (claim === undefined) return NONE
  const value = claimAt(claims, claim)
  if (isLeftOut(claims, claim)) {
    return problem(`Microsoft Entra ID left ${claim} out of the token, because there are too many`)
  }
  if (value === undefined) return NONE
  if (Array.isArray(value) && value.every((group) => typeof group === 'string')) {
    return { groups: value }
  }
  return problem(`${claim} is not a list of texts`)
}

/** `_claim_names` tells where else a claim is to be had (OpenID Connect Core §5.6.2); `hasgroups` stands for it in short tokens. */
function isLeftOut(claims: JsonObject, claim: string): boolean {
  const elsewhere = member(claims, '_claim_names')
  if (claim === 'groups' && Object.hasOwn(claims, 'hasgroups')) return true
  return typeof elsewhere === 'object' && elsewhere !== null && Object.hasOwn(elsewhere, claim)
}
