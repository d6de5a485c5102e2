import { createNodeToken } from '../../token/node-token.js'
import type { MetaCredentials } from './options.js'

/** `b64token` (RFC 6750 §2.1). */
const TOKEN = /^[\w.~+/-]+=*$/

/**
 * A source of `Authorization` headers for a meta node: Basic (RFC 7617) for a user, Bearer (RFC 6750) for
 * a user's token or another node of its cluster; undefined without credentials.
 *
 * @throws TypeError if the name or the secret is empty, a colon is in the name, or the token is not one
 */
export function createAuthorization(
  credentials: MetaCredentials | undefined,
): () => Promise<string | undefined> {
  if (credentials === undefined) return async () => undefined
  if (credentials.kind === 'node') {
    const token = createNodeToken(credentials.secret)
    return async () => `Bearer ${await token()}`
  }
  if (credentials.kind === 'bearer') {
    if (!TOKEN.test(credentials.token))
      throw new TypeError('credentials.token is not a bearer token')
    const header = `Bearer ${credentials.token}`
    return async () => header
  }
  const { username, password } = credentials
  if (username === '' || username.includes(':')) {
    throw new TypeError('credentials.username must be neither empty nor contain a colon')
  }
  const header = basicAuthorization(username, password)
  return async () => header
}

/** `Basic` credentials (RFC 7617). */
export function basicAuthorization(username: string, password: string): string {
  const pair = Buffer.from(`${username}:${password}`)
  const header = `Basic ${pair.toString('base64')}`
  pair.fill(0) // small buffers share memory, in which the password would stay for long
  return header
}
