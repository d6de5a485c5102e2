import { member } from '../text/json-object.js'
import { readPart } from './token-part.js'

/** Headers are short; what is longer is not read for its algorithm. */
const LONGEST_HEADER = 4_096

/**
 * What the header of a signed token (RFC 7515 §4.1.1) says its algorithm is, for choosing who checks it; undefined if it says
 * none. Nothing in it is verified.
 */
export function algorithmOf(token: string): string | undefined {
  const dot = token.indexOf('.')
  if (dot <= 0 || dot > LONGEST_HEADER) return undefined
  const header = readPart(token.slice(0, dot))
  const alg = header && member(header, 'alg')
  return typeof alg === 'string' ? alg : undefined
}

/** Whether tokens of that algorithm are checked with a shared secret (RFC 7518 §3.2). */
export function isSymmetric(algorithm: string | undefined): boolean {
  return algorithm === 'HS256' || algorithm === 'HS384' || algorithm === 'HS512'
}
