/** bcrypt reads no more of a password than this, in bytes of UTF-8. */
export const MAX_PASSWORD_BYTES = 72

/**
 * Whether text can be a password at all: 1 to 72 bytes without NUL. bcrypt would take longer ones for their
 * first 72 bytes, some implementations stop at a NUL, and an empty password signs in to many LDAP servers.
 */
export function isUsablePassword(password: string): boolean {
  return (
    password !== '' &&
    Buffer.byteLength(password) <= MAX_PASSWORD_BYTES &&
    !password.includes('\0') &&
    password.isWellFormed()
  )
}
