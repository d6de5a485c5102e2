/** The two that InfluxDB Enterprise 1.9.3 and later make, by the name that `password-hash` gives them. */
export type Pbkdf2Kind = 'pbkdf2-sha256' | 'pbkdf2-sha512'

/** How to make a hash by PBKDF2 (RFC 8018 §5.2). */
export interface Pbkdf2Cost {
  readonly kind: Pbkdf2Kind

  /** 1 to 1,000,000. InfluxDB Enterprise takes 29,000. */
  readonly rounds: number
}

/** A hash, taken apart: as a hashing thread needs it. */
export interface Pbkdf2Hash extends Pbkdf2Cost {
  /** As `node:crypto` calls it. */
  readonly digest: 'sha256' | 'sha512'
  readonly salt: Uint8Array
  readonly key: Uint8Array
}

/** A check with as many takes a second or so: a hash with more could be used to stop the server. */
export const MAX_ROUNDS = 1_000_000
export const MIN_ROUNDS = 1

/** What InfluxDB Enterprise says at its start: `pbkdf2-sha256;rounds=29000;salt_len=16`. */
export const USUAL_ROUNDS = 29_000
export const SALT_BYTES = 16

const FORM =
  /^\$(pbkdf2-sha(?:256|512))\$([1-9]\d{0,9})\$([./+A-Za-z0-9]{1,171})\$([./+A-Za-z0-9]{43,86})$/

/** The derived key has as many bytes as the digest. */
export const KEY_BYTES: Readonly<Record<Pbkdf2Kind, number>> = {
  'pbkdf2-sha256': 32,
  'pbkdf2-sha512': 64,
}

/**
 * Reads `$pbkdf2-sha256$29000$SALT$KEY`, the modular crypt form of Python's and Go's passlib, whose usual rounds and salt
 * InfluxDB Enterprise's are. Salt (1 to 128 bytes) and key are base64 without padding, with `.` for `+`; the standard
 * alphabet is read as well.
 *
 * @returns undefined for anything else, and for more than 1,000,000 rounds. Few rounds are weak, but no danger
 */
export function parsePbkdf2(hash: string): Pbkdf2Hash | undefined {
  const [, name, digits, saltText = '', keyText = ''] = FORM.exec(hash) ?? []
  const kind = name as Pbkdf2Kind | undefined
  const rounds = Number(digits)
  if (kind === undefined || rounds > MAX_ROUNDS) return undefined
  const salt = decode(saltText)
  const key = decode(keyText)
  if (!salt || key?.length !== KEY_BYTES[kind]) return undefined
  return { kind, rounds, digest: digestOf(kind), salt, key }
}

/** The hash as it is kept. */
export function formatPbkdf2({ kind, rounds }: Pbkdf2Cost, salt: Uint8Array, key: Uint8Array) {
  return `$${kind}$${rounds}$${encode(salt)}$${encode(key)}`
}

export function digestOf(kind: Pbkdf2Kind): Pbkdf2Hash['digest'] {
  return kind === 'pbkdf2-sha256' ? 'sha256' : 'sha512'
}

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('+', '.').replaceAll('=', '')
}

/** Node decodes leniently: what does not encode to the same text was not base64. */
function decode(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text.replaceAll('.', '+'), 'base64')
  return encode(bytes) === text.replaceAll('+', '.') ? bytes : undefined
}
