import { subjectKey, tokenKey } from '../authn/directory/account-key.js'
import type { AccountInspector, Inspected, InspectedAccount } from '../authn/inspect-accounts.js'
import { reservedPrefix, SUBJECT_PREFIX } from '../authz/shown-name.js'
import type { User } from '../authz/user.js'
import { AuthError, type TokenRefusalReason } from '../errors.js'
import { ownerText } from '../registry/tokens/token-owner.js'
import { shown } from '../text/printable.js'
import { isRefused } from '../token/refused-token.js'

/** Whom a question is about. */
export interface Asked {
  /** A user's name, `oidc:` and the id of a subject, `_token:` or `_sub:` and that of a token. Empty where a token is given. */
  readonly user: string
  /** An own token: its SHA-256 in lower-case hex. */
  readonly token?: string | undefined
}

/** Who that is, in an answer. Nothing for a local user. */
export interface AskedKind {
  readonly kind?: NonNullable<User['kind']>
  /** Of a subject. */
  readonly group?: string
  /** Of a token, in words. */
  readonly owner?: string
  /** Of a subscription's token: the retention policy that it writes to. */
  readonly policy?: string
}

/**
 * The account that was asked about. A local user may have the name of a subject or of a token from earlier days, and goes
 * first. A subject's roles come with the token that they sign in with, so none are assumed.
 *
 * @returns the error if there is none
 */
export async function findAsked(
  { user, token }: Asked,
  { find, keyOf }: AccountInspector,
): Promise<InspectedAccount | AuthError> {
  if (token !== undefined) return usable(await find(tokenKey(token)), 'the token')
  if (user.includes('\0')) return notFound(`user ${shown(user)} not found`) // a key, which is not a name
  const named = await find(user)
  if (named && !isRefused(named)) return named
  switch (reservedPrefix(user)) {
    case undefined:
      return notFound(`user ${shown(user)} not found`)
    case SUBJECT_PREFIX: {
      const subject = user.slice(SUBJECT_PREFIX.length)
      const found = await find(subjectKey({ issuer: '', subject, roles: [] }))
      return !found || isRefused(found) ? notFound(`subject ${shown(subject)} ${UNLISTED}`) : found
    }
    default: {
      const key = await keyOf(user)
      if (key === undefined) return notFound(`token ${shown(user)} not found`)
      return usable(await find(key), `token ${shown(user)}`)
    }
  }
}

/** @param what the token, in words */
function usable(found: Inspected, what: string): InspectedAccount | AuthError {
  if (!found) return notFound(`${what} ${UNUSABLE}`)
  return isRefused(found) ? notFound(`${what} ${REASONS[found.reason]}`) : found
}

/** Where nobody says why. */
const UNUSABLE = 'is unknown, revoked or expired, or its owner may not sign in any more'

const REASONS: Readonly<Record<TokenRefusalReason, string>> = {
  unknown: 'is unknown',
  revoked: 'is revoked',
  expired: 'has expired',
  'owner gone': 'is of no use: its owner is gone',
  'owner not listed': "is of no use: its owner is not among the identity provider's listed users",
}

const UNLISTED =
  'is not listed; add it to [oidc] admins, auditors or members, or to the users of the oidc file'

const notFound = (message: string) => new AuthError('ERR_NOT_FOUND', message)

export function kindOf({ kind, group, owner, policy }: User): AskedKind {
  return {
    ...(kind && { kind }),
    ...(group && { group }),
    ...(owner && { owner: ownerText(owner) }),
    ...(policy !== undefined && { policy }),
  }
}
