import { AuthError } from '../../errors.js'
import { escaped, quoted } from '../../text/printable.js'
import type { Milliseconds } from '../../time.js'
import type {
  ProviderTokenClaims,
  ProviderVerifier,
} from '../../token/provider/provider-verifier.js'
import { subjectKey } from '../directory/account-key.js'
import { createTokenCheck } from '../token-check.js'
import type { SubjectList } from './subject-list.js'
import type { Subjects } from './subjects.js'

/** However long a provider's token is valid, it is verified again after this time. */
const LONGEST: Milliseconds = 600_000

export interface ProviderCheckOptions {
  readonly verifier: ProviderVerifier
  readonly subjects: Subjects
  /** How many good tokens are remembered. @default 10_000 */
  readonly max?: number
  /** Milliseconds since the epoch. @default as in `TokenCheckOptions` */
  readonly now?: () => number
  /** Hears why a token's groups give no role. @default nobody */
  readonly onGroupsProblem?: (subject: string, problem: string) => void
}

/** Who sends a provider's token, by the account key of that subject with the roles that the token names. */
export interface ProviderSubject {
  readonly key: string
  readonly issuer: string
  readonly subject: string
}

/** Checks tokens of an identity provider, and remembers the good ones. */
export interface ProviderCheck {
  /** Who sends it, if the token was found good before and still is. */
  remembered(token: string): ProviderSubject | undefined

  /** Who sends it; else the refusal (401), or 503 if the provider's keys are not known. */
  verify(token: string): Promise<ProviderSubject | AuthError>
}

export function createProviderCheck(options: ProviderCheckOptions): ProviderCheck {
  const { verifier, subjects, max, now, onGroupsProblem } = options
  const tokens = createTokenCheck(verify, {
    longest: LONGEST,
    isCurrent: ({ claims }) => verifier.isCurrent(claims),
    ...(max !== undefined && { max }),
    ...(now && { now }),
  })

  async function verify(token: string): Promise<Known | AuthError> {
    const claims = await verifier.verify(token)
    if (claims instanceof AuthError) return claims
    const { subject, groupsProblem } = claims
    if (groupsProblem !== undefined) onGroupsProblem?.(subject, groupsProblem)
    const { list } = subjects
    return { claims, expiresAt: claims.expiresAt, list, identity: identityIn(claims, list) }
  }

  /** The roles are those of the list in force, which may be another one by now. */
  function identityOf(known: Known): ProviderSubject {
    if (known.list !== subjects.list) {
      known.list = subjects.list
      known.identity = identityIn(known.claims, subjects.list)
    }
    return known.identity
  }

  return {
    remembered(token) {
      const known = tokens.remembered(token)
      return known && identityOf(known)
    },
    async verify(token) {
      const known = await tokens.verify(token)
      return known instanceof AuthError ? known : identityOf(known)
    },
  }
}

/** What is remembered of a good token. */
interface Known {
  readonly claims: ProviderTokenClaims
  readonly expiresAt: Milliseconds
  /** The list that `identity` was read with. */
  list: SubjectList
  identity: ProviderSubject
}

function identityIn({ issuer, subject, groups }: ProviderTokenClaims, list: SubjectList) {
  const roles = list.rolesOf(groups)
  return { key: subjectKey({ issuer, subject, roles }), issuer, subject }
}

/** 403 for a subject that nobody listed, with the id to copy. */
export function notListed({ issuer, subject }: ProviderSubject): AuthError {
  const message = `subject ${quoted(subject)} of ${escaped(issuer)} is not listed; add it to [oidc] admins or to the users of the oidc file`
  return new AuthError('ERR_PRIVILEGE_MISSING', message, { subject: { issuer, subject } })
}
