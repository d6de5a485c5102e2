import { compactVerify } from 'jose/jws/compact/verify'
import type { PublicKey } from './key-set/public-keys.js'
import { WRONG_SIGNATURE } from './signature-limit.js'
import type { ParsedToken } from './token-form.js'

/** A token without `kid` is tried with so many keys at most. */
const MOST_KEYS = 10

/** The keys that a token may have been signed with. */
export function candidates(
  keys: readonly PublicKey[],
  { kid }: ParsedToken,
  tenant: string | undefined,
): readonly PublicKey[] {
  return keys.filter(
    (key) =>
      (kid === undefined || key.kid === kid) &&
      (tenant === undefined || key.tenant === undefined || key.tenant === tenant),
  )
}

/** The key that verifies the token's signature; else whether there was any to try. */
export async function signingKey(
  token: string,
  { alg }: ParsedToken,
  keys: readonly PublicKey[],
): Promise<PublicKey | 'unknown_key' | typeof WRONG_SIGNATURE> {
  let tried = 0
  for (const key of keys) {
    const publicKey = await key.forAlgorithm(alg).catch(() => undefined)
    if (publicKey === undefined) continue
    try {
      await compactVerify(token, publicKey, { algorithms: [alg] })
      return key
    } catch {
      if (++tried === MOST_KEYS) break
    }
  }
  return tried === 0 ? 'unknown_key' : WRONG_SIGNATURE
}
