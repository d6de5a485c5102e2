const RSA_AND_EC = ['RS', 'PS', 'ES'].flatMap((family) =>
  [256, 384, 512].map((bits) => `${family}${bits}`),
)

/** The algorithms that can be allowed: of key pairs only (RFC 7518 §3.1, RFC 8037, RFC 9864). */
export const PROVIDER_ALGORITHMS: readonly string[] = [...RSA_AND_EC, 'EdDSA', 'Ed25519']
