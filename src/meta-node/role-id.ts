import { randomBytes } from 'node:crypto'

/** An id that no role has or ever had. */
export function newRoleId(): string {
  return randomBytes(12).toString('base64url')
}
