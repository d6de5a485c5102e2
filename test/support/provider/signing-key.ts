import { constants, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { JWK } from 'jose'

/** A provider's key pair, with which anything can be signed: also what no library would. */
export interface SigningKey {
  readonly kid: string
  /** As it is published. */
  readonly jwk: JWK
  readonly publicKey: KeyObject
  /** A token in compact form. What is undefined in the header is left out; a Buffer stands for the claims as they are. */
  token(claims: unknown, header?: Record<string, unknown>): string
}

export type SigningAlgorithm = 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'Ed25519'

const CURVES: Record<string, string> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }

export function newSigningKey(alg: SigningAlgorithm = 'RS256', kid: string = `key-${alg}`, bits = 2048): SigningKey {
  const { publicKey, privateKey } = pair(alg, bits)
  return {
    kid,
    publicKey,
    jwk: { ...(publicKey.export({ format: 'jwk' }) as JWK), kid, alg, use: 'sig' },
    token: (claims, header = {}) => compact({ alg, typ: 'JWT', kid, ...header }, claims, (data) => signed(alg, privateKey, data)),
  }
}

function pair(alg: SigningAlgorithm, bits: number) {
  if (alg.startsWith('E') && CURVES[alg]) return generateKeyPairSync('ec', { namedCurve: CURVES[alg] as string })
  if (alg.startsWith('E')) return generateKeyPairSync('ed25519')
  return generateKeyPairSync('rsa', { modulusLength: bits })
}

function signed(alg: SigningAlgorithm, key: KeyObject, data: Buffer): Buffer {
  const hash = `sha${alg.slice(2)}`
  if (alg.startsWith('RS')) return sign(hash, data, key)
  if (alg.startsWith('PS')) {
    return sign(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST })
  }
  if (alg.startsWith('ES')) return sign(hash, data, { key, dsaEncoding: 'ieee-p1363' })
  return sign(null, data, key)
}

/** Signed by HMAC with a secret (RFC 7518 §3.2). */
export const hmacToken = (alg: 'HS256' | 'HS384' | 'HS512', secret: string | Buffer, claims: unknown, header: Record<string, unknown> = {}) =>
  compact({ alg, typ: 'JWT', ...header }, claims, (data) => createHmac(`sha${alg.slice(2)}`, secret).update(data).digest())

export function compact(header: unknown, claims: unknown, signature: (data: Buffer) => Buffer): string {
  const data = `${part(header)}.${part(claims)}`
  return `${data}.${signature(Buffer.from(data)).toString('base64url')}`
}

export const part = (value: unknown) => (Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))).toString('base64url')
