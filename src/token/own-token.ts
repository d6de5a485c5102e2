import { hash, randomBytes } from 'node:crypto'

/** A secret that was just made. Only its digest is kept; the secret is shown once. */
export interface NewToken {
  readonly token: string
  /** SHA-256 of the token, in lower-case hexadecimal digits. */
  readonly digest: string
}

/** What each own token begins with. */
export const OWN_TOKEN_PREFIX = 'kapa1_'

/** The user name by which InfluxDB's subscriptions present a token as password, as Kapacitor has it. */
export const SUBSCRIBER = '~subscriber'

const OWN_TOKEN = /^kapa1_[0-9a-f]{64}$/

/** Whether the text has the form of an own token: `kapa1_` and 64 lower-case hexadecimal digits. */
export const isOwnToken = (text: string): boolean => OWN_TOKEN.test(text)

/** Why no password may be set that has this form: what follows "the password". */
export const TOKEN_AS_PASSWORD =
  'has the form of an own token (kapa1_ and 64 hexadecimal digits), so nobody could sign in with it'

/** An own token of 32 random bytes. It is short enough for a Basic password (72 bytes). */
export const newOwnToken = (): NewToken => withDigest(OWN_TOKEN_PREFIX + randomSecret())

/** A subscription token of 32 random bytes: the password of `~subscriber`. It needs no escaping in a URL. */
export const newSubscriptionToken = (): NewToken => withDigest(randomSecret())

/** SHA-256 of the token, in lower-case hexadecimal digits. A token of 32 random bytes needs no slower hash. */
export const digestOf = (token: string): string => hash('sha256', token)

const randomSecret = () => randomBytes(32).toString('hex')

const withDigest = (token: string): NewToken => ({ token, digest: digestOf(token) })
