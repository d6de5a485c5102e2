import { SUBJECT_PREFIX } from '../authz/shown-name.js'
import type { TokenOwner, User } from '../authz/user.js'
import { AuthError } from '../errors.js'
import type { ChangeSource } from './audit-changes.js'
import type { Decision } from './decision.js'

type DescribedCaller = Pick<Decision, 'issuer' | 'subject' | 'token' | 'owner' | 'reason'>

/** What logs say of a caller who is not a local user, beside the name. Nothing in it is secret. */
export function describedCaller(who: User | AuthError | undefined): DescribedCaller | undefined {
  if (who instanceof AuthError) {
    const { subject, token } = who
    return token ? { token: token.id, reason: token.reason } : subject
  }
  switch (who?.kind) {
    case undefined:
      return undefined
    case 'subject':
      return { issuer: who.issuer, subject: who.subject }
    case 'token':
      return { token: who.tokenId, owner: who.owner && ownerName(who.owner) }
    case 'subscription':
      return { token: who.tokenId }
  }
}

/** The same for a change: a subject's name holds its id already. */
export function changeSourceOf(who: User | undefined): Pick<ChangeSource, 'issuer' | 'owner'> {
  const { issuer, owner } = describedCaller(who) ?? {}
  return { ...(issuer !== undefined && { issuer }), ...(owner !== undefined && { owner }) }
}

/** As callers of that kind are named. */
function ownerName(owner: TokenOwner): string {
  switch (owner.kind) {
    case 'user':
      return owner.name
    case 'subject':
      return `${SUBJECT_PREFIX}${owner.subject} of ${owner.issuer}`
    case 'node':
      return 'node'
  }
}
