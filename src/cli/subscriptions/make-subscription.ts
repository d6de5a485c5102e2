import { printStatement } from '../../influxql/print.js'
import type { SubscriptionEditor } from '../../meta-client/token-editor.js'
import { type LeftSubscription, subscribing } from '../../subscriptions/create-subscription.js'
import { addressOf } from '../../subscriptions/destination.js'
import { metaNodeTokenMaker } from '../../subscriptions/meta-node-tokens.js'
import { print } from '../../text/standard-output.js'
import { configOf } from '../config-of.js'
import { mistake } from '../mistake.js'
import type { MetaFlags } from '../sign-in/meta-flags.js'
import {
  type AppliedSubscription,
  applySubscription,
  fateOf,
  rememberingTokens,
} from './apply-subscription.js'

export interface ApplyFlags extends MetaFlags {
  readonly url?: string
  readonly apply?: boolean
}

/**
 * Makes a subscription with a token, or prints its statement, which is all that standard output gets.
 *
 * @returns what is left in InfluxDB of those whose place it takes
 * @throws AuthError why it was not made or printed, and what became of its token
 */
export async function makeSubscription(
  wanted: AppliedSubscription,
  editor: SubscriptionEditor,
  { apply, ...flags }: ApplyFlags,
): Promise<readonly LeftSubscription[]> {
  const { database, policy, name } = wanted
  if (apply) {
    const left = await applySubscription(wanted, editor, flags)
    process.stderr.write(`subscription "${name}" created on ${database}.${policy}\n`)
    return left
  }
  await printSubscription(wanted, editor)
  return []
}

async function printSubscription(
  wanted: AppliedSubscription,
  editor: SubscriptionEditor,
): Promise<void> {
  const { database, policy, name, gateway } = wanted
  const tokens = rememberingTokens(metaNodeTokenMaker(editor))
  const { id, token } = await tokens.create({ database, policy, name, gateway })
  const statements = subscribing({ ...wanted, token }).map(printStatement)
  try {
    await print(`${statements.join('; ')}\n`)
  } catch (error) {
    await tokens.revoke(id) // nobody has seen it
    throw mistake((error as Error).message + fateOf(tokens))
  }
  process.stderr.write(`token ${id} created; it is shown only now\n`)
}

/** Where InfluxDB is to post to. @throws AuthError if neither a flag nor the configuration says so */
export function postedAddress(flags: ApplyFlags): string {
  const url =
    flags.url ??
    configOf(flags.config === undefined ? {} : { config: flags.config }).gateway.subscriptionUrl
  if (url === '') throw mistake('say where InfluxDB is to post to: --url http://gateway:9092')
  if (!/^https?:\/\/[^/@?#]+\/?$/.test(url) || !URL.canParse(url)) {
    throw mistake('--url: expected http://host:port or https://host:port')
  }
  return addressOf(url)
}
