import type { User } from './user.js'

/** What names of those begin with who are not local users, as logs and answers show them. */
export const SUBJECT_PREFIX = 'oidc:'
export const TOKEN_PREFIX = '_token:'
export const SUBSCRIPTION_PREFIX = '_sub:'

const PREFIXES = [SUBJECT_PREFIX, TOKEN_PREFIX, SUBSCRIPTION_PREFIX]

/** What a name begins with that may be somebody's who is not a local user; undefined if it does not. */
export function reservedPrefix(name: string): string | undefined {
  return PREFIXES.find((prefix) => name.startsWith(prefix))
}

const WORDS = {
  token: 'token',
  subscription: 'subscription token',
  subject: 'subject',
} as const

/** What a caller is, in a word: a user, a token, a subject. */
export function callerWord({ kind }: { readonly kind?: User['kind'] | undefined }): string {
  return kind === undefined ? 'user' : WORDS[kind]
}

/** A caller for messages: `user ann`, `token _token:<id>`, `subject oidc:<id>`. */
export function callerText(caller: {
  readonly name: string
  readonly kind?: User['kind'] | undefined
}): string {
  return `${callerWord(caller)} ${caller.name}`
}
