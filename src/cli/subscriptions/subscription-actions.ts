import type { SubscriptionEditor } from '../../meta-client/token-editor.js'
import { type Policy, policyText } from '../../subscriptions/influxdb-subscription.js'
import { GATEWAY_PREFIX, handMadeName, isGateways } from '../../subscriptions/subscription-name.js'
import { escaped } from '../../text/printable.js'
import { mistake } from '../mistake.js'
import { runMetaCommand } from '../sign-in/meta-command.js'
import type { MetaFlags, ShowFlags } from '../sign-in/meta-flags.js'
import { output, outputJson, tableOptions } from '../terminal/output.js'
import { type ApplyFlags, makeSubscription, postedAddress } from './make-subscription.js'
import { namedSubscription, tokenText } from './named-subscription.js'
import { renderSubscription, renderSubscriptions } from './subscription-view.js'

export interface CreateFlags extends ApplyFlags {
  readonly name?: string
}

export function create(policy: Policy, flags: CreateFlags): Promise<void> {
  const address = postedAddress(flags)
  const name = flags.name ?? handMadeName(address)
  return withSubscriptions(flags, undefined, async (editor) => {
    if (isGateways(name)) {
      throw mistake(
        `--name: names that begin with ${GATEWAY_PREFIX} are for the subscriptions that gateways keep`,
      )
    }
    await refuseSecond(policy, address, editor)
    const wanted = { ...policy, name, address, replaced: [], gateway: undefined }
    await makeSubscription(wanted, editor, flags)
  })
}

export function list(flags: ShowFlags): Promise<void> {
  return withSubscriptions(flags, undefined, async (editor) => {
    const all = await editor.list()
    if (flags.json) await outputJson(all)
    else await output(renderSubscriptions(all, tableOptions()))
  })
}

export function show(id: string, flags: ShowFlags): Promise<void> {
  return withSubscriptions(flags, id, async (editor) => {
    const found = await namedSubscription(editor, id)
    if (flags.json) await outputJson(found)
    else await output(renderSubscription(found))
  })
}

/** Two subscriptions to one address bring each point twice. */
async function refuseSecond(
  { database, policy }: Policy,
  address: string,
  editor: SubscriptionEditor,
): Promise<void> {
  const kept = (await editor.list()).find(
    (one) =>
      one.gateway === address &&
      one.database === database &&
      one.policy === policy &&
      one.revokedAt === undefined,
  )
  if (!kept) return
  throw mistake(
    `the gateway at ${address} keeps a subscription of ${escaped(policyText({ database, policy }))} itself, see [gateway] subscriptions: points would come twice. Its token is ${kept.id}`,
  )
}

function withSubscriptions(
  flags: MetaFlags,
  id: string | undefined,
  work: (editor: SubscriptionEditor) => Promise<void>,
): Promise<void> {
  return runMetaCommand(flags, id && tokenText(id), async (session) =>
    work((await session.open()).subscriptions),
  )
}
