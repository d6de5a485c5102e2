import { printStatement } from '../../influxql/print.js'
import type { SubscriptionInfo } from '../../meta-client/documents/token-document.js'
import type { SubscriptionEditor } from '../../meta-client/token-editor.js'
import { dropping, whyNotDropped } from '../../subscriptions/create-subscription.js'
import { readDestination } from '../../subscriptions/destination.js'
import {
  type NamedSubscription,
  subscriptionKeyOf,
} from '../../subscriptions/influxdb-subscription.js'
import {
  reasonOf,
  type SubscribedInfluxdb,
  subscriptionsOf,
} from '../../subscriptions/subscribed-influxdb.js'
import { print } from '../../text/standard-output.js'
import { mistake } from '../mistake.js'
import { runMetaCommand } from '../sign-in/meta-command.js'
import type { MetaFlags } from '../sign-in/meta-flags.js'
import { askFirst } from '../terminal/ask-first.js'
import { askInfluxdb } from './ask-influxdb.js'
import { namedSubscription, tokenText } from './named-subscription.js'

export interface DeleteFlags extends MetaFlags {
  readonly apply?: boolean
  readonly yes?: boolean
}

/** Drops subscriptions, or prints the statements for that, and revokes their tokens. */
export async function remove(ids: readonly string[], flags: DeleteFlags): Promise<void> {
  let current = ''
  await runMetaCommand(
    flags,
    () => tokenText(current),
    async (session) => {
      const deed = `${flags.apply ? 'drop the subscription and revoke' : 'revoke'} ${ids.map(tokenText).join(', ')}`
      await askFirst(deed, flags.yes, session.terminal)
      const { subscriptions: editor } = await session.open()
      for (const id of ids) {
        current = id
        const found = await namedSubscription(editor, id)
        if (flags.apply) await drop(found, editor, flags)
        else await print(`${printStatement(dropping(found))}\n`)
        await editor.revoke(id)
        process.stderr.write(`token ${id} revoked\n`)
      }
    },
  )
}

/** @throws AuthError if it may be there still, or may be another's: its token stays valid then */
async function drop(
  found: SubscriptionInfo,
  editor: SubscriptionEditor,
  flags: DeleteFlags,
): Promise<void> {
  const { id, database, policy, name } = found
  const namesake = (await editor.list()).find(
    (one) => one.id !== id && one.revokedAt === undefined && isSame(one, found),
  )
  if (namesake) {
    throw mistake(
      `the subscription "${name}" on ${database}.${policy} may be that of another valid token, ${namesake.id}: nothing is dropped. Without --apply only the token ${id} is revoked`,
    )
  }
  const error = await askInfluxdb(flags, async (influxdb) => {
    const isForeign = await isForeignIn(influxdb, found).catch(reasonOf)
    if (isForeign === true) {
      throw mistake(
        `the subscription "${name}" on ${database}.${policy} has no token, so it is somebody else's: nothing is dropped. Without --apply only the token ${id} is revoked`,
      )
    }
    return isForeign || whyNotDropped(influxdb, dropping(found))
  })
  if (error !== undefined) throw mistake(`${error}; the token ${id} stays valid`)
  process.stderr.write(`subscription "${name}" on ${database}.${policy} dropped\n`)
}

/** Whether what has the name now is another one: its own was dropped in InfluxDB, and the name was given again. */
async function isForeignIn(influxdb: SubscribedInfluxdb, info: SubscriptionInfo): Promise<boolean> {
  const found = (await subscriptionsOf(influxdb)).find((one) => isSame(one, info))
  return !!found && !found.destinations.some((url) => readDestination(url)?.token !== undefined)
}

const isSame = (one: NamedSubscription, other: NamedSubscription) =>
  subscriptionKeyOf(one) === subscriptionKeyOf(other)
