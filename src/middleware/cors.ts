import type { Context, Next } from 'koa'

const ALLOW_METHODS = 'DELETE, GET, OPTIONS, POST, PATCH, PUT'
const ALLOW_HEADERS =
  'Accept, Accept-Encoding, Authorization, Content-Length, Content-Type, X-CSRF-Token'

/**
 * Lets pages of any origin read the answer, as Kapacitor does (Fetch Standard §3.3). Browsers send no
 * credentials of their own along, since `Access-Control-Allow-Credentials` is not set.
 */
export function setCorsHeaders(ctx: Context): void {
  const origin = originOf(ctx.req.rawHeaders)
  if (!origin) return
  ctx.set('Access-Control-Allow-Origin', origin)
  ctx.vary('Origin')
  if (ctx.method !== 'OPTIONS') return
  ctx.set('Access-Control-Allow-Methods', ALLOW_METHODS)
  ctx.set('Access-Control-Allow-Headers', ALLOW_HEADERS)
}

/** The first `Origin`. Read from the raw headers: `headers` would be built for this alone. */
function originOf(rawHeaders: readonly string[]): string | undefined {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (name.length === 6 && name.toLowerCase() === 'origin') return rawHeaders[i + 1]
  }
  return undefined
}

/** Answers `OPTIONS`: 200, empty. It needs no credentials and never reaches the application. */
export function answerOptions(ctx: Context): void {
  ctx.status = 200
  ctx.body = ''
  ctx.remove('Content-Type')
}

/** Middleware that sets the headers and answers `OPTIONS` itself. */
export function cors() {
  return function cors(ctx: Context, next: Next): Promise<unknown> | undefined {
    setCorsHeaders(ctx)
    if (ctx.method !== 'OPTIONS') return next()
    answerOptions(ctx)
    return undefined
  }
}
