import { AuthError } from '../../errors.js'
import { escaped, quoted } from '../../text/printable.js'
import type { Milliseconds } from '../../time.js'
import { refuseToken } from '../../token/claims.js'
import type {
  ProviderTokenClaims,
  ProviderVerifier,
} from '../../token/provider/provider-verifier.js'
import { type SignatureLimit, WRONG_SIGNATURE } from '../../token/provider/signature-limit.js'
import type { CachedAccount } from '../cache/cached-account.js'
import { subjectKey } from '../directory/account-key.js'
import type { Attempts } from '../passwords/attempts.js'
import { createTokenCheck } from '../token-check.js'
import type { ProviderSignIn } from './provider-sign-in.js'
import type { SubjectList } from './subject-list.js'

/** However long a provider's token is valid, it is verified again after this time. */
const LONGEST: Milliseconds = 600_000

export interface ProviderCheckOptions {
  /** How many good tokens are remembered. @default 10_000 */
  readonly max?: number
  /** Limits the signatures that each origin has verified: see `wrongSignature`. @default no limits */
  readonly attempts?: Attempts | undefined
  /** Milliseconds since the epoch. @default as in `TokenCheckOptions` */
  readonly now?: () => number
}

/** Who sends a provider's token, by the account key of that subject with the roles that the token names. */
export interface ProviderSubject {
  /** The account as it was last found, see `CredentialCache.isUsable`: a second look-up in the cache would cost as much. */
  cached: CachedAccount | undefined
  readonly key: string
  readonly issuer: string
  readonly subject: string

  /** Whether the key that signed the token is still the provider's. */
  isCurrent(): boolean
}

/** Checks tokens of an identity provider, and remembers the good ones. */
export interface ProviderCheck {
  /** Whether there is a provider at all. */
  readonly isOn: boolean

  /**
   * Who sends it, if the token was found good before by the provider that is there now, and has not expired.
   *
   * @param start where the token begins in the text @default 0
   */
  remembered(text: string, start?: number): ProviderSubject | undefined

  /**
   * Who sends it; else the refusal (401), or 503 if the provider's keys are not known, or 429.
   *
   * @param origin where the request comes from, for the limits per origin
   */
  verify(token: string, origin?: string): Promise<ProviderSubject | AuthError>
}

export function createProviderCheck(
  provider: Pick<ProviderSignIn, 'verifier' | 'subjects' | 'onGroupsProblem'>,
  { max, attempts, now }: ProviderCheckOptions = {},
): ProviderCheck {
  const { subjects } = provider
  const tokens = createTokenCheck(verify, {
    longest: LONGEST,
    ...(max !== undefined && { max }),
    ...(now && { now }),
  })

  async function verify(token: string, origin?: string): Promise<Known | AuthError> {
    const { verifier } = provider
    if (!verifier) return refuseToken('bearer tokens of an identity provider are not enabled')
    // A token that was good before is free only while its key is there: later its signature is as wrong as any other
    const familiar = attempts && tokens.familiar(token)
    const isFree = familiar !== undefined && verifier.isCurrent(familiar.claims)
    const limit = attempts && !isFree ? limitFor(attempts, origin) : undefined
    const claims = await verifier.verify(token, limit)
    if (claims instanceof AuthError) return claims
    if (claims.groupsProblem !== undefined) provider.onGroupsProblem(claims)
    const { list } = subjects
    const identity = identityIn(claims, list, verifier)
    return { claims, expiresAt: claims.expiresAt, verifier, list, identity }
  }

  /** The roles are those of the list in force, which may be another one by now. */
  function identityOf(known: Known): ProviderSubject {
    if (known.list !== subjects.list) {
      known.list = subjects.list
      known.identity = identityIn(known.claims, subjects.list, known.verifier)
    }
    return known.identity
  }

  return {
    get isOn() {
      return provider.verifier !== undefined
    },
    remembered(text, start) {
      const { verifier } = provider
      // Without a provider no token is digested for nothing
      const known = verifier && tokens.remembered(text, start)
      return known && known.verifier === verifier ? identityOf(known) : undefined
    },
    async verify(token, origin) {
      const known = await tokens.verify(token, origin)
      return known instanceof AuthError ? known : identityOf(known)
    },
  }
}

/** What counts as an attempt that failed. */
export const wrongSignature = (answer: unknown): boolean => answer === WRONG_SIGNATURE

const limitFor =
  (attempts: Attempts, origin: string | undefined): SignatureLimit =>
  (verify) =>
    attempts.run({ origin }, verify).catch((error: unknown) => {
      if (error instanceof AuthError) return error
      throw error
    })

/** What is remembered of a good token. */
interface Known {
  readonly claims: ProviderTokenClaims
  readonly expiresAt: Milliseconds
  /** Who verified it: not the one that is there now, if the provider is another one. */
  readonly verifier: ProviderVerifier
  /** The list that `identity` was read with. */
  list: SubjectList
  identity: ProviderSubject
}

function identityIn(
  claims: ProviderTokenClaims,
  list: SubjectList,
  verifier: ProviderVerifier,
): ProviderSubject {
  const { issuer, subject, groups } = claims
  const roles = list.rolesOf(groups)
  return {
    cached: undefined,
    key: subjectKey({ issuer, subject, roles }),
    issuer,
    subject,
    isCurrent: () => verifier.isCurrent(claims),
  }
}

/** 403 for a subject that nobody listed, with the id to copy. */
export function notListed({ issuer, subject }: ProviderSubject): AuthError {
  const who = `subject ${quoted(subject)} of ${escaped(issuer)}`
  const says = `${who} is not listed; add it to [oidc] admins or to the users of the oidc file`
  return new AuthError('ERR_PRIVILEGE_MISSING', says, { subject: { issuer, subject } })
}
