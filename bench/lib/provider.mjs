import { generateKeyPairSync, sign } from 'node:crypto'

/** What the bench's identity provider signs for. */
export const CLIENT_ID = 'the bench'

/** Whom its tokens are about. */
export const SUBJECT = '7f3c1a52-0b64-4c0e-9d0e-2f4d4b8a9c11'

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** An identity provider's key: the key set that is published, and tokens as Keycloak makes them (RS256, 1 kB, good for an hour). */
export function createProvider() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = 'bench'
  return {
    keySet: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }] },
    /** With claims changed, and as if it were signed by another key, if so. */
    tokenOf(issuer, changes = {}, named = kid) {
      const iat = Math.floor(Date.now() / 1000)
      const roles = Array.from({ length: 12 }, (_, i) => `a-role-of-the-realm-${i}`)
      const claims = {
        iss: issuer,
        sub: SUBJECT,
        aud: 'account',
        azp: CLIENT_ID,
        typ: 'Bearer',
        iat,
        exp: iat + 3600,
        realm_access: { roles },
        preferred_username: 'ann',
        email: 'ann@example.com',
        ...changes,
      }
      const text = `${encode({ alg: 'RS256', typ: 'JWT', kid: named })}.${encode(claims)}`
      return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
    },
  }
}
