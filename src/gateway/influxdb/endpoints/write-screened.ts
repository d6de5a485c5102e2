import type { Config } from '../../../config/config.js'
import type { ErrorWriter } from '../../../middleware/error-response.js'
import type { Banner } from '../answer/influxdb-headers.js'
import { writeMethodNotAllowed, writeNotFound } from '../answer/plain-answers.js'
import { endpointAt } from './endpoint-names.js'

/**
 * A function that answers what `screening` refuses. An unknown method, or a path that is written in an unusual way, gets what
 * InfluxDB answers to it: 405, or 404. All else is an error as any other.
 */
export function createWriteScreened(
  settings: Config['influxdb'],
  banner: () => Banner,
  writeError: ErrorWriter,
): ErrorWriter {
  return function writeScreened(ctx, error) {
    const [path = ''] = (ctx.req.url ?? '').split('?', 1)
    const endpoint = endpointAt(path, settings)
    const isMethod = error.code === 'ERR_METHOD_UNKNOWN'
    if (isMethod && endpoint) return writeMethodNotAllowed(ctx, banner(), endpoint.methods)
    if (endpoint || (!isMethod && error.code !== 'ERR_REQUEST_AMBIGUOUS'))
      return writeError(ctx, error)
    writeNotFound(ctx, banner())
    const { Connection } = error.headers
    if (Connection !== undefined) ctx.res.setHeader('Connection', Connection)
  }
}
