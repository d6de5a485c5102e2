import { subjectKey, tokenKey } from '../authn/directory/account-key.js'
import { reservedPrefix, SUBJECT_PREFIX } from '../authz/shown-name.js'
import type { User } from '../authz/user.js'
import { AuthError } from '../errors.js'
import { ownerText } from '../registry/tokens/token-owner.js'
import { shown } from '../text/printable.js'

/** Whom a question is about. */
export interface Asked {
  /** A user's name, or `oidc:` and the id of a subject. Empty where a token is given. */
  readonly user: string
  /** An own token: its SHA-256 in lower-case hex. */
  readonly token?: string | undefined
}

/** Who that is, in an answer. Nothing for a local user. */
export interface AskedKind {
  readonly kind?: 'token' | 'subject'
  /** Of a subject. */
  readonly group?: string
  /** Of a token, in words. */
  readonly owner?: string
}

/**
 * The account that was asked about, as `find` knows accounts, with its key. A local user may have the name of a subject from
 * earlier days, and goes first. A subject's roles come with the token that they sign in with, so none are assumed.
 *
 * @returns the error if there is none
 */
export async function findAsked<T>(
  { user, token }: Asked,
  find: (key: string) => Promise<T | undefined>,
): Promise<{ readonly key: string; readonly found: T } | AuthError> {
  for (const key of keysOf(user, token)) {
    const found = await find(key)
    if (found) return { key, found }
  }
  return new AuthError('ERR_NOT_FOUND', unknownText(user, token))
}

function keysOf(user: string, token: string | undefined): readonly string[] {
  if (token !== undefined) return [tokenKey(token)]
  if (!user.startsWith(SUBJECT_PREFIX)) return [user]
  const subject = user.slice(SUBJECT_PREFIX.length)
  return [user, subjectKey({ issuer: '', subject, roles: [] })]
}

function unknownText(user: string, token: string | undefined): string {
  if (token !== undefined) {
    return 'the token is unknown, revoked or expired, or its owner may not sign in any more'
  }
  if (user.startsWith(SUBJECT_PREFIX)) {
    return `subject ${shown(user.slice(SUBJECT_PREFIX.length))} is not listed; add it to [oidc] admins, auditors or members, or to the users of the oidc file`
  }
  const isReserved = reservedPrefix(user) !== undefined
  const why = isReserved ? ': to explain a token, give the token itself with --token-file' : ''
  return `user ${shown(user)} not found${why}`
}

export function kindOf({ kind, group, owner }: User): AskedKind {
  if (kind === 'subject') return { kind, ...(group && { group }) }
  return kind === 'token' ? { kind, ...(owner && { owner: ownerText(owner) }) } : {}
}
