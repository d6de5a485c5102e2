import { AuthError } from '../../errors.js'
import { printStatement } from '../../influxql/print.js'
import type { SubscriptionInfo } from '../../meta-client/documents/token-document.js'
import type { SubscriptionEditor } from '../../meta-client/token-editor.js'
import {
  createSubscription,
  dropping,
  type NewSubscription,
  subscribing,
} from '../../subscriptions/create-subscription.js'
import { addressOf } from '../../subscriptions/destination.js'
import type { Policy } from '../../subscriptions/influxdb-subscription.js'
import { metaNodeTokenMaker } from '../../subscriptions/meta-node-tokens.js'
import { nextName, subscriptionName } from '../../subscriptions/subscription-name.js'
import { print } from '../../text/standard-output.js'
import { pause } from '../../time.js'
import { configOf } from '../config-of.js'
import { mistake } from '../mistake.js'
import { runMetaCommand } from '../sign-in/meta-command.js'
import type { MetaFlags, ShowFlags } from '../sign-in/meta-flags.js'
import { output, outputJson, tableOptions } from '../terminal/output.js'
import { askInfluxdb } from './ask-influxdb.js'
import { renderSubscription, renderSubscriptions } from './subscription-view.js'

export interface ApplyFlags extends MetaFlags {
  readonly url?: string
  readonly apply?: boolean
}

export interface CreateFlags extends ApplyFlags {
  readonly name?: string
}

/** How long the token of a subscription that was dropped stays valid: InfluxDB sends what it had queued. */
const QUEUED = 2_000

export function create(policy: Policy, flags: CreateFlags): Promise<void> {
  const address = addressFor(flags)
  const name = flags.name ?? subscriptionName(address, 1)
  return withSubscriptions(flags, undefined, (editor) =>
    make({ ...policy, name, address, replaced: [] }, undefined, editor, flags),
  )
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
    const found = await required(editor, id)
    if (flags.json) await outputJson(found)
    else await output(renderSubscription(found))
  })
}

export async function rotate(ids: readonly string[], flags: ApplyFlags): Promise<void> {
  for (const id of ids) await withSubscriptions(flags, id, (editor) => rotateOne(id, editor, flags))
}

async function rotateOne(id: string, editor: SubscriptionEditor, flags: ApplyFlags): Promise<void> {
  const { database, policy, name, gateway, revokedAt } = await required(editor, id)
  if (revokedAt !== undefined) throw mistake(`the token ${id} is revoked already`)
  if (gateway !== undefined && !flags.apply) {
    throw mistake(`a gateway keeps the subscription of ${id}: use --apply`)
  }
  const address = gateway ?? addressFor(flags)
  const next = { database, policy, name: nextName(name), address, replaced: [name] }
  await make(next, gateway, editor, flags)
  if (!flags.apply) {
    process.stderr.write(`then run: kapacitor-auth subscription delete ${id}\n`)
    return
  }
  await pause(QUEUED)
  await editor.revoke(id)
  process.stderr.write(`token ${id} revoked\n`)
}

export async function remove(ids: readonly string[], flags: ApplyFlags): Promise<void> {
  for (const id of ids) {
    await withSubscriptions(flags, id, async (editor) => {
      const found = await required(editor, id)
      const drop = dropping(found)
      if (flags.apply) {
        const [outcome] = await askInfluxdb(flags, (influxdb) => influxdb.runAll([drop]))
        const isGone = /not found/.test(outcome?.error ?? '')
        if (outcome?.error !== undefined && !isGone) throw mistake(`InfluxDB: ${outcome.error}`)
      } else await print(`${printStatement(drop)}\n`)
      await editor.revoke(id)
      process.stderr.write(`token ${id} revoked\n`)
    })
  }
}

/** The statement is all that standard output gets. */
async function make(
  wanted: Omit<NewSubscription, 'token'>,
  gateway: string | undefined,
  editor: SubscriptionEditor,
  { apply, ...flags }: ApplyFlags,
): Promise<void> {
  const { database, policy, name } = wanted
  if (apply) {
    const tokens = metaNodeTokenMaker(editor)
    const isMade = await askInfluxdb(flags, (influxdb) =>
      createSubscription(wanted, gateway, { influxdb, tokens }),
    )
    if (!isMade) throw mistake(`there is a subscription "${name}" already: rotate or delete it`)
    process.stderr.write(`subscription "${name}" created on ${database}.${policy}\n`)
    return
  }
  const { id, accessToken: token } = await editor.create({ database, policy, name, gateway })
  await print(
    `${subscribing({ ...wanted, token })
      .map(printStatement)
      .join('; ')}\n`,
  )
  process.stderr.write(`token ${id} created; it is shown only now\n`)
}

function addressFor(flags: ApplyFlags): string {
  const url =
    flags.url ??
    configOf(flags.config === undefined ? {} : { config: flags.config }).gateway.subscriptionUrl
  if (url === '') throw mistake('say where InfluxDB is to post to: --url http://gateway:9092')
  if (!/^https?:\/\/[^/@?#]+\/?$/.test(url) || !URL.canParse(url)) {
    throw mistake('--url: expected http://host:port or https://host:port')
  }
  return addressOf(url)
}

async function required(editor: SubscriptionEditor, id: string): Promise<SubscriptionInfo> {
  const found = await editor.get(id)
  if (!found) throw new AuthError('ERR_NOT_FOUND', `subscription token ${id} not found`)
  return found
}

function withSubscriptions(
  flags: MetaFlags,
  id: string | undefined,
  work: (editor: SubscriptionEditor) => Promise<void>,
): Promise<void> {
  return runMetaCommand(flags, id && `subscription token ${id}`, async (session) =>
    work((await session.open()).subscriptions),
  )
}
