import { READ } from '../../../authz/privilege.js'
import { callerWord } from '../../../authz/shown-name.js'
import { AuthError } from '../../../errors.js'
import { privilegeOn } from '../query/database-privilege.js'
import { parseFields, queryOf } from '../request/form-fields.js'
import { setReplacement } from '../request/replacement-of.js'
import type { Handle, Reply } from './endpoint.js'
import { goQuoted } from './write-endpoint.js'
import { targetOf } from './write-targets.js'

/** A body that InfluxDB would take for parameters, beside those that were judged. */
const FORM = /^(?:application\/x-www-form-urlencoded|multipart\/)/i

/** `POST /api/v1/prom/read?db=&rp=`: needs READ on the database, which InfluxDB itself does not check. */
export function createPrometheusReadEndpoint(reply: Reply): Handle {
  return function prometheusRead(ctx, caller, next) {
    const { user } = caller
    const fields = parseFields(queryOf(ctx.req.url ?? ''))
    const database = fields.get('db')?.[0] ?? ''
    const subject = { databases: [database] }
    if (FORM.test(ctx.req.headers['content-type'] ?? '')) {
      const error = new AuthError('ERR_REQUEST_INVALID', 'the body must not be a form')
      return reply.refuse(ctx, caller, error, subject)
    }
    if (!user || (privilegeOn(user, database) & READ) === 0) {
      const who = user
        ? `${goQuoted(user.name)} ${callerWord(user)} is not authorized`
        : 'user is required'
      const error = new AuthError(
        'ERR_PRIVILEGE_MISSING',
        `${who} to read from database ${goQuoted(database)}`,
      )
      return reply.refuse(ctx, caller, error, subject)
    }
    const target = targetOf('/api/v1/prom/read', [
      ['db', database],
      ['rp', fields.get('rp')?.[0] ?? ''],
    ])
    setReplacement(ctx, { target })
    reply.allow(ctx, caller, subject)
    return next()
  }
}
