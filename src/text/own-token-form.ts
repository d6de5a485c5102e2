/** What each own token begins with. */
export const OWN_TOKEN_PREFIX = 'kapa1_'

const OWN_TOKEN = /^kapa1_[0-9a-f]{64}$/

/** Whether the text has the form of an own token: `kapa1_` and 64 lower-case hexadecimal digits. */
export const isOwnToken = (text: string): boolean => OWN_TOKEN.test(text)

/** Why no password may be set that has this form: what follows "the password". */
export const TOKEN_AS_PASSWORD =
  'has the form of an own token (kapa1_ and 64 hexadecimal digits), so nobody could sign in with it'
