import { errorText, readObject } from './wire/answer-json.js'
import type { Answer } from './wire/meta-exchange.js'
import { invalidAnswer } from './wire/refusal.js'

/**
 * The answer to `GET /authorized`: 200 is yes, with an empty body or an object that names no error; 401 and
 * 403 are no, with `{"error":"…"}`.
 *
 * @throws AuthError `ERR_META_INVALID` for everything else; a page in HTML with status 200 is not a yes
 */
export function readAuthorized(answer: Answer): boolean {
  const { status, body } = answer
  if (status === 200 && body.length === 0) return true
  if (status !== 200 && status !== 401 && status !== 403) throw invalidAnswer(`HTTP ${status}`)
  const object = readObject(answer)
  if (status === 200 && !Object.hasOwn(object, 'error')) return true
  if (status === 200 || errorText(object) === undefined) {
    throw invalidAnswer(`HTTP ${status} that says neither yes nor no`)
  }
  return false
}
