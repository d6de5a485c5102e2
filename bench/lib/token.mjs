import { createHmac } from 'node:crypto'

/** What tokens of the bench are signed with. */
export const SECRET = 'the shared secret of the benchmark'

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A JWT (HS256) for a user, good for an hour. */
export function tokenOf(username) {
  const exp = Math.floor(Date.now() / 1000) + 3600
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ username, exp })}`
  return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`
}
