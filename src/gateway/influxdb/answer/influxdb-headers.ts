import type { Context } from 'koa'

/** What an InfluxDB says of itself in every answer. */
export interface Banner {
  readonly version: string | undefined
  readonly build: string | undefined
}

const CORS: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Methods': 'DELETE, GET, OPTIONS, POST, PUT',
  'Access-Control-Allow-Headers':
    'Accept, Accept-Encoding, Authorization, Content-Length, Content-Type, X-CSRF-Token, X-HTTP-Method-Override',
  'Access-Control-Expose-Headers': 'Date, X-InfluxDB-Version, X-InfluxDB-Build',
}

/** Sets the headers that InfluxDB sets on every answer: who it is. */
export function setBanner(ctx: Context, { version, build }: Banner): void {
  if (version !== undefined) ctx.res.setHeader('X-Influxdb-Version', version)
  if (build !== undefined) ctx.res.setHeader('X-Influxdb-Build', build)
}

/**
 * Sets the headers of an answer of our own to a request that has an endpoint: the request's ID, and that pages of any
 * origin may read the answer, as InfluxDB allows it (Fetch Standard §3.3). Browsers send no credentials of their own along.
 */
export function setRouted(ctx: Context): void {
  const { requestId } = ctx.state as { readonly requestId?: string }
  if (requestId !== undefined) {
    ctx.res.setHeader('Request-Id', requestId)
    ctx.res.setHeader('X-Request-Id', requestId)
  }
  const { origin } = ctx.req.headers
  if (!origin) return
  ctx.res.setHeader('Access-Control-Allow-Origin', origin)
  ctx.vary('Origin')
  for (const name in CORS) ctx.res.setHeader(name, CORS[name] as string)
}
