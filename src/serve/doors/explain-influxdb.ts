import { findAsked, kindOf } from '../../admin/asked-account.js'
import type { Explanation, Question } from '../../admin/explain-endpoint.js'
import { AuthError } from '../../errors.js'
import { explainQuery } from '../../gateway/influxdb/query/explain-query.js'
import { parseQuery } from '../../influxql/parse.js'
import type { OwnLogin } from '../../middleware/own-login.js'

/**
 * Judges a query as it would be judged if it came with the user's correct password.
 *
 * @param login undefined where authentication is off
 * @returns the error for a text that is not a query (`ERR_REQUEST_INVALID`), and for a user who does not exist
 *   (`ERR_NOT_FOUND`); rejects if the directory cannot be asked
 */
export async function explainInfluxdb(
  login: OwnLogin | undefined,
  question: Question,
): Promise<Explanation | AuthError> {
  const { user: name, method, path, query = '', db = '' } = question
  const { statements, error } = parseQuery(query)
  if (error) return new AuthError('ERR_REQUEST_INVALID', `"query": ${error.redacted}`)
  const asked = { method, path, db }
  if (!login) return { user: name, ...asked, allowed: true, exemption: 'off', reasons: [] }
  const answer = await findAsked(question, (key) => login.cache.find(key))
  if (answer instanceof AuthError) return answer
  const { key, found: cached } = answer
  const { user } = cached.account
  const age = login.authenticator.age?.(key)
  return {
    user: user.name,
    ...asked,
    ...kindOf(user),
    ...explainQuery(cached.account, statements, db),
    ...(age !== undefined && { age }),
  }
}
