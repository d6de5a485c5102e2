import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { startServer } from './servers.js'

/** Serves a key set, and signs tokens with its key. */
export interface StandInProvider {
  readonly issuer: string
  readonly jwksEndpoint: string
  /** How often the key set was fetched. */
  readonly fetches: () => number
  /** A good token for the client `kapacitor`; an Authorization header. */
  bearer(subject: string): Promise<{ authorization: string }>
  close(): Promise<void>
}

export async function startStandInProvider(): Promise<StandInProvider> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }] })
  let fetches = 0
  const server = await startServer((_req, res) => {
    fetches++
    res.setHeader('content-type', 'application/json').end(keys)
  })
  const issuer = server.url
  return {
    issuer,
    jwksEndpoint: `${server.url}/keys`,
    fetches: () => fetches,
    async bearer(subject) {
      const token = await new SignJWT({ azp: 'kapacitor' })
        .setProtectedHeader({ alg: 'ES256', kid: 'one', typ: 'JWT' })
        .setSubject(subject).setIssuer(issuer).setAudience('kapacitor').setIssuedAt().setExpirationTime('1h')
        .sign(privateKey)
      return { authorization: `Bearer ${token}` }
    },
    close: () => server.close(),
  }
}
