import type { Context } from 'koa'
import { AuthError } from '../../errors.js'
import type { SubscriptionRecord } from '../../registry/tokens/subscription-record.js'
import { newSubscriptionToken } from '../../token/own-token.js'
import type { Caller } from '../access.js'
import { answerInPieces } from '../answer-in-pieces.js'
import { answerList } from './answer-list.js'
import { parseNewSubscription } from './parse-token.js'
import { mayManageSubscriptions, maySeeSubscription } from './token-access.js'
import { ignoreBody, type TokenChangePath } from './token-change-path.js'
import { subscriptionDocument } from './token-documents.js'
import type { TokenRoutesOptions } from './token-routes-options.js'

/** `/api/v0/subscriptions` and `/api/v0/subscriptions/{id}`: the tokens with which InfluxDB posts to Kapacitor. */
export function createSubscriptionRoutes(options: TokenRoutesOptions, path: TokenChangePath) {
  const { registry, admission, patience } = options

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
    const admitted = await path.admit(ctx, parseNewSubscription, (caller, asked) =>
      allow(mayManageSubscriptions(caller, asked.database)),
    )
    const { asked } = admitted
    const change = { change: 'create', subject: 'subscription' } as const
    ctx.body = await path.make(ctx, admitted, change, async () => {
      const { token, digest } = newSubscriptionToken()
      const made = subscriptionDocument(
        await registry.createSubscriptionToken({ ...asked, digest }),
      )
      return { result: { ...made, accessToken: token }, id: made.id, after: made }
    })
  }

  async function revoke(ctx: Context, id: string): Promise<void> {
    const admitted = await path.admit(ctx, ignoreBody, async (caller) => {
      const record = await seen(caller, id)
      allow(mayManageSubscriptions(caller, record.database))
    })
    const change = { change: 'revoke', subject: 'subscription', id } as const
    await path.make(ctx, admitted, change, async () => {
      const changed = await registry.revokeSubscriptionToken(id)
      const [before, after] = [changed.before, changed.after].map(subscriptionDocument)
      return { result: undefined, id, before, after }
    })
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
