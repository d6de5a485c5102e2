import type { Context } from 'koa'
import type { AuthError } from '../../../errors.js'
import type { ErrorWriter } from '../../../middleware/error-response.js'
import { formatOf } from './format.js'
import { type Banner, setBanner, setRouted } from './influxdb-headers.js'

/** So much of an error is repeated in the header. */
const LONGEST_HEADER = 1024

/** What a header cannot hold. */
const UNWRITABLE = /[^\t\x20-\x7e\u0080-\u00ff]/g

/**
 * A function that answers as InfluxDB does: `{"error": …}` in the format that was asked for, the same text in
 * `X-Influxdb-Error`; a 401 carries a challenge instead (RFC 9110 §11.6.1).
 *
 * @param hasProvider whether tokens of an identity provider are accepted: then a bad token is answered with a challenge for
 *   another one, too (RFC 6750 §3) @default InfluxDB's own challenge alone
 */
export function createWriteError(
  realm: string,
  banner: () => Banner,
  hasProvider = false,
): ErrorWriter {
  const challenge = `Basic realm="${realm}"`
  const tokenChallenge = hasProvider
    ? `${challenge}, Bearer realm="${realm}", error="invalid_token"`
    : challenge
  return function writeInfluxdbError(ctx: Context, error: AuthError): void {
    const text = error.expose ? error.message : 'internal error'
    if (ctx.headerSent) return
    ctx.status = error.status
    setBanner(ctx, banner())
    setRouted(ctx)
    for (const name in error.headers) ctx.res.setHeader(name, error.headers[name] as string)
    if (error.code === 'ERR_TOKEN_INVALID') ctx.res.setHeader('WWW-Authenticate', tokenChallenge)
    else if (error.status === 401) ctx.res.setHeader('WWW-Authenticate', challenge)
    else ctx.res.setHeader('X-Influxdb-Error', headerText(text))
    const format = formatOf(ctx.req)
    // As bytes: Node would write the header in the encoding of a text
    ctx.body = Buffer.from(format.error(text))
    ctx.res.setHeader('Content-Type', format.type)
  }
}

/** UTF-8 as its bytes, cut, without what would end the header. */
function headerText(text: string): string {
  const bytes = Buffer.from(text).subarray(0, LONGEST_HEADER)
  return bytes.toString('latin1').replace(UNWRITABLE, ' ')
}
