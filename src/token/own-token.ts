import { hash, randomBytes } from 'node:crypto'
import { OWN_TOKEN_PREFIX } from '../text/own-token-form.js'

/** A secret that was just made. Only its digest is kept; the secret is shown once. */
export interface NewToken {
  readonly token: string
  /** SHA-256 of the token, in lower-case hexadecimal digits. */
  readonly digest: string
}

/** The user name by which InfluxDB's subscriptions present a token as password, as Kapacitor has it. */
export const SUBSCRIBER = '~subscriber'

/** An own token of 32 random bytes. It is short enough for a Basic password (72 bytes). */
export const newOwnToken = (): NewToken => withDigest(OWN_TOKEN_PREFIX + randomSecret())

/** A subscription token of 32 random bytes: the password of `~subscriber`. It needs no escaping in a URL. */
export const newSubscriptionToken = (): NewToken => withDigest(randomSecret())

/** SHA-256 of the token, in lower-case hexadecimal digits. A token of 32 random bytes needs no slower hash. */
export const digestOf = (token: string): string => hash('sha256', token)

const randomSecret = () => randomBytes(32).toString('hex')

const withDigest = (token: string): NewToken => ({ token, digest: digestOf(token) })
