import type Router from 'koa-router'
import { createLookupRoute } from './lookup-route.js'
import { createSubscriptionRoutes } from './subscription-routes.js'
import { createTokenChangePath } from './token-change-path.js'
import { createTokenRoutes } from './token-routes.js'
import type { TokenRoutesOptions } from './token-routes-options.js'

/** What all paths of this API begin with: InfluxDB 3's. */
export const TOKEN_API = '/api/v0/'

/** Adds the handlers of tokens to a router. */
export function addTokenRoutes(router: Router, options: TokenRoutesOptions): void {
  const path = createTokenChangePath(options)
  const tokens = createTokenRoutes(options, path)
  router.get(`${TOKEN_API}tokens`, tokens.list)
  router.post(`${TOKEN_API}tokens`, tokens.create)
  router.get(`${TOKEN_API}tokens/:id`, (ctx) => tokens.get(ctx, idOf(ctx.params)))
  router.patch(`${TOKEN_API}tokens/:id`, (ctx) => tokens.update(ctx, idOf(ctx.params)))
  router.delete(`${TOKEN_API}tokens/:id`, (ctx) => tokens.revoke(ctx, idOf(ctx.params)))

  const subscriptions = createSubscriptionRoutes(options, path)
  router.get(`${TOKEN_API}subscriptions`, subscriptions.list)
  router.post(`${TOKEN_API}subscriptions`, subscriptions.create)
  router.get(`${TOKEN_API}subscriptions/:id`, (ctx) => subscriptions.get(ctx, idOf(ctx.params)))
  router.delete(`${TOKEN_API}subscriptions/:id`, (ctx) =>
    subscriptions.revoke(ctx, idOf(ctx.params)),
  )

  router.get(`${TOKEN_API}lookup`, createLookupRoute(options.registry, options.admission))
}

const idOf = ({ id = '' }: Readonly<Record<string, string | undefined>>) => id
