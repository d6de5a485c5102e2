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
  const answer = await findAsked(question, login.inspector)
  if (answer instanceof AuthError) return answer
  const { account, age } = answer
  const { user } = account
  if (user.kind === 'subscription') {
    const says = `${user.name} is a subscription's token, which signs nobody in to InfluxDB's API`
    return new AuthError('ERR_REQUEST_INVALID', says)
  }
  return {
    user: user.name,
    ...asked,
    ...kindOf(user),
    ...explainQuery(account, statements, db),
    ...(age !== undefined && { age }),
  }
}
