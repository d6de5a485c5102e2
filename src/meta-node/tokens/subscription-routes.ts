import type { Context } from 'koa'
import { AuthError } from '../../errors.js'
import { refuseOtherSite } from '../../middleware/other-site.js'
import { readBody } from '../../middleware/read-body.js'
import type { SubscriptionRecord } from '../../registry/tokens/subscription-record.js'
import { newSubscriptionToken } from '../../token/own-token.js'
import type { Caller } from '../access.js'
import { answerInPieces } from '../answer-in-pieces.js'
import type { ChangeListener } from '../change-routes.js'
import { changeSource } from '../change-source.js'
import { answerList } from './answer-list.js'
import { parseNewSubscription } from './parse-token.js'
import { reportTokenChange } from './report-token-change.js'
import { mayManageSubscriptions, maySeeSubscription } from './token-access.js'
import { subscriptionDocument } from './token-documents.js'
import type { TokenRoutesOptions } from './token-routes.js'

/** `/api/v0/subscriptions` and `/api/v0/subscriptions/{id}`: the tokens with which InfluxDB posts to Kapacitor. */
export function createSubscriptionRoutes(options: TokenRoutesOptions) {
  const { registry, admission, patience, onChange, isAuthenticated } = options

  const reporter = (ctx: Context, caller: Caller) => (report: Parameters<ChangeListener>[1]) =>
    onChange?.(changeSource(ctx, caller, isAuthenticated), report)

  async function list(ctx: Context): Promise<void> {
    const caller = await admission.admit(ctx, (callerOf) => callerOf())
    await answerInPieces(ctx, registry, patience, async (state) =>
      answerList(seenBy(caller, state.subscriptionTokens()), subscriptionDocument),
    )
  }

  async function get(ctx: Context, id: string): Promise<void> {
    ctx.body = await admission.admit(ctx, async (callerOf) =>
      subscriptionDocument(await seen(await callerOf(), id)),
    )
  }

  /** @throws AuthError `ERR_NOT_FOUND` for one that the caller may not know of, too */
  async function seen(caller: Caller, id: string): Promise<SubscriptionRecord> {
    const record = await registry.getSubscriptionToken(id)
    if (record && maySeeSubscription(caller, record.database)) return record
    throw new AuthError('ERR_NOT_FOUND', 'subscription token not found')
  }

  async function create(ctx: Context): Promise<void> {
    const { caller, asked } = await admission.admit(ctx, async (callerOf) => {
      allow(refuseOtherSite(ctx.req.headers))
      await callerOf()
      const body = await readBody(ctx.req)
      const caller = await callerOf()
      const asked = parseNewSubscription(body)
      allow(mayManageSubscriptions(caller, asked.database))
      return { caller, asked }
    })
    ctx.body = await reportTokenChange(
      { change: 'create', subject: 'subscription' },
      reporter(ctx, caller),
      async () => {
        const { token, digest } = newSubscriptionToken()
        const record = await registry.createSubscriptionToken({ ...asked, digest })
        const made = subscriptionDocument(record)
        return { result: { ...made, accessToken: token }, id: made.id, after: made }
      },
    )
  }

  async function revoke(ctx: Context, id: string): Promise<void> {
    const { caller } = await admission.admit(ctx, async (callerOf) => {
      allow(refuseOtherSite(ctx.req.headers))
      const caller = await callerOf()
      const record = await seen(caller, id)
      allow(mayManageSubscriptions(caller, record.database))
      return { caller }
    })
    await reportTokenChange(
      { change: 'revoke', subject: 'subscription', id },
      reporter(ctx, caller),
      async () => {
        const before = await registry.getSubscriptionToken(id)
        const after = subscriptionDocument(await registry.revokeSubscriptionToken(id))
        return { result: undefined, id, before: before && subscriptionDocument(before), after }
      },
    )
    ctx.status = 204
  }

  return { list, get, create, revoke }
}

async function* seenBy(
  caller: Caller,
  records: AsyncIterable<SubscriptionRecord>,
): AsyncGenerator<SubscriptionRecord> {
  for await (const record of records) {
    if (maySeeSubscription(caller, record.database)) yield record
  }
}

function allow(refusal: AuthError | undefined): void {
  if (refusal) throw refusal
}
