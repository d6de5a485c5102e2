/** What names of those begin with who are not local users, as logs and answers show them. */
export const SUBJECT_PREFIX = 'oidc:'
export const TOKEN_PREFIX = '_token:'
export const SUBSCRIPTION_PREFIX = '_sub:'

const PREFIXES = [SUBJECT_PREFIX, TOKEN_PREFIX, SUBSCRIPTION_PREFIX]

/** What a name begins with that may be somebody's who is not a local user; undefined if it does not. */
export function reservedPrefix(name: string): string | undefined {
  return PREFIXES.find((prefix) => name.startsWith(prefix))
}
