/**
 * What the credential cache and directories call an account by. Local users go by their names. Any other account
 * has a key that begins with NUL, which no name may hold: no password, and no name in a token, leads there.
 */
export type AccountKey =
  | { readonly kind: 'user'; readonly name: string }
  | { readonly kind: 'token'; readonly digest: string }
  | { readonly kind: 'subscription'; readonly digest: string }
  | ({ readonly kind: 'subject' } & SubjectIdentity)
  | { readonly kind: 'role'; readonly name: string }

/** An identity provider's subject, as a token names it. */
export interface SubjectIdentity {
  readonly issuer: string
  readonly subject: string
  /** The registry's roles that the token's groups stand for. */
  readonly roles: readonly string[]
}

const TOKEN = '\0token:'
const SUBSCRIPTION = '\0subscription:'
const SUBJECT = '\0subject:'
const ROLE = '\0role:'

/** The key of an own token. @param digest SHA-256 of the whole token, in lower-case hexadecimal digits */
export const tokenKey = (digest: string): string => TOKEN + digest

/** The key of a subscription token. @param digest SHA-256 of the token, in lower-case hexadecimal digits */
export const subscriptionKey = (digest: string): string => SUBSCRIPTION + digest

/** The key of an identity provider's subject while its token names these roles. Their order does not matter. */
export const subjectKey = ({ issuer, subject, roles }: SubjectIdentity): string =>
  SUBJECT + JSON.stringify([issuer, subject, ...[...new Set(roles)].sort()])

/** Only in reports of changes: what that role grants has changed. */
export const roleKey = (name: string): string => ROLE + name

/** What a key stands for. A key that begins with NUL and is not one of ours is taken for a name, which nobody has. */
export function parseAccountKey(key: string): AccountKey {
  if (key.startsWith(TOKEN)) return { kind: 'token', digest: key.slice(TOKEN.length) }
  if (key.startsWith(SUBSCRIPTION)) {
    return { kind: 'subscription', digest: key.slice(SUBSCRIPTION.length) }
  }
  if (key.startsWith(ROLE)) return { kind: 'role', name: key.slice(ROLE.length) }
  if (key.startsWith(SUBJECT)) {
    const [issuer = '', subject = '', ...roles]: string[] = JSON.parse(key.slice(SUBJECT.length))
    return { kind: 'subject', issuer, subject, roles }
  }
  return { kind: 'user', name: key }
}
