import { type Explanation, type Question, unknownUser } from '../../admin/explain-endpoint.js'
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
  { user: name, method, path, query = '', db = '' }: Question,
): Promise<Explanation | AuthError> {
  const { statements, error } = parseQuery(query)
  if (error) return new AuthError('ERR_REQUEST_INVALID', `"query": ${error.redacted}`)
  const asked = { user: name, method, path, db }
  if (!login) return { ...asked, allowed: true, exemption: 'off', reasons: [] }
  const cached = await login.cache.find(name)
  if (!cached) return unknownUser(name)
  const age = login.authenticator.age?.(name)
  return {
    ...asked,
    ...explainQuery(cached.account, statements, db),
    ...(age !== undefined && { age }),
  }
}
