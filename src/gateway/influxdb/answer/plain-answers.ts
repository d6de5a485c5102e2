import type { Context } from 'koa'
import { type Banner, setBanner, setRouted } from './influxdb-headers.js'

function writePlain(ctx: Context, banner: Banner, status: number, text: string): void {
  ctx.status = status
  setBanner(ctx, banner)
  ctx.res.setHeader('X-Content-Type-Options', 'nosniff')
  ctx.body = text
  ctx.res.setHeader('Content-Type', 'text/plain; charset=utf-8')
}

/** There is no such endpoint. */
export function writeNotFound(ctx: Context, banner: Banner): void {
  writePlain(ctx, banner, 404, '404 page not found\n')
}

/** The endpoint takes other methods (RFC 9110 §15.5.6). */
export function writeMethodNotAllowed(
  ctx: Context,
  banner: Banner,
  methods: readonly string[],
): void {
  writePlain(ctx, banner, 405, 'Method Not Allowed\n')
  ctx.res.setHeader('Allow', methods.join(', '))
}

/** `OPTIONS`: 200, empty. It needs no credentials. */
export function writeOptions(ctx: Context, banner: Banner): void {
  ctx.status = 200
  setBanner(ctx, banner)
  setRouted(ctx)
  ctx.body = ''
  ctx.remove('Content-Type')
}
