import { objectOf, onlyList, own, readObject, textOf } from '../wire/answer-json.js'
import type { Answer } from '../wire/meta-exchange.js'
import { invalidAnswer, unexpectedStatus } from '../wire/refusal.js'
import type { PermissionReport } from './permissions.js'
import { type UserDocument, userOf } from './user-document.js'

/**
 * The answer to `GET /user`: all users; `{}` if there are none.
 *
 * @throws AuthError `ERR_META_INVALID` for everything else, two users of one name included
 */
export function readUsers(answer: Answer, report: PermissionReport): readonly UserDocument[] {
  if (answer.status !== 200) throw unexpectedStatus(answer.status)
  const users = new Map<string, UserDocument>()
  for (const item of onlyList(readObject(answer), 'users')) {
    const user = objectOf(item, 'user')
    const name = textOf(own(user, 'name'), 'name')
    if (name === '') throw invalidAnswer('a user without a name')
    if (users.has(name)) throw invalidAnswer('two users of one name')
    users.set(name, userOf(name, user, report))
  }
  return Object.freeze([...users.values()])
}
