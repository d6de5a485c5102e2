import { AuthError } from '../../errors.js'
import { printStatement } from '../../influxql/print.js'
import type { SubscriptionInfo } from '../../meta-client/documents/token-document.js'
import type { SubscriptionEditor } from '../../meta-client/token-editor.js'
import { dropping, subscribing } from '../../subscriptions/create-subscription.js'
import { addressOf } from '../../subscriptions/destination.js'
import { type Policy, policyText } from '../../subscriptions/influxdb-subscription.js'
import { QUEUED } from '../../subscriptions/revocation-delays.js'
import { isGone } from '../../subscriptions/subscribed-influxdb.js'
import {
  GATEWAY_PREFIX,
  handMadeName,
  isGateways,
  nextName,
} from '../../subscriptions/subscription-name.js'
import { escaped } from '../../text/printable.js'
import { print } from '../../text/standard-output.js'
import { pause } from '../../time.js'
import { configOf } from '../config-of.js'
import { mistake } from '../mistake.js'
import { runMetaCommand } from '../sign-in/meta-command.js'
import type { MetaFlags, ShowFlags } from '../sign-in/meta-flags.js'
import { askFirst } from '../terminal/ask-first.js'
import { output, outputJson, tableOptions } from '../terminal/output.js'
import { type AppliedSubscription, applySubscription, revoking } from './apply-subscription.js'
import { askInfluxdb } from './ask-influxdb.js'
import { renderSubscription, renderSubscriptions } from './subscription-view.js'

export interface ApplyFlags extends MetaFlags {
  readonly url?: string
  readonly apply?: boolean
}

export interface CreateFlags extends ApplyFlags {
  readonly name?: string
}

export interface DeleteFlags extends ApplyFlags {
  readonly yes?: boolean
}

export function create(policy: Policy, flags: CreateFlags): Promise<void> {
  const address = addressFor(flags)
  const name = flags.name ?? handMadeName(address)
  return withSubscriptions(flags, undefined, async (editor) => {
    if (isGateways(name)) {
      throw mistake(
        `--name: names that begin with ${GATEWAY_PREFIX} are for the subscriptions that gateways keep`,
      )
    }
    await refuseSecond(policy, address, editor)
    await make({ ...policy, name, address, replaced: [], gateway: undefined }, editor, flags)
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
  const next = { database, policy, name: nextName(name), address, replaced: [name], gateway }
  await make({ ...next, replacedToken: id }, editor, flags)
  if (!flags.apply) {
    process.stderr.write(`then run: ${revoking(id)}\n`)
    return
  }
  await pause(QUEUED)
  await editor.revoke(id).catch((error: unknown) => {
    const says = error instanceof Error ? error.message : 'unknown'
    throw mistake(`the old token ${id} could not be revoked, run ${revoking(id)}: ${says}`)
  })
  process.stderr.write(`token ${id} revoked\n`)
}

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
        const found = await required(editor, id)
        const drop = dropping(found)
        if (flags.apply) {
          const [outcome] = await askInfluxdb(flags, (influxdb) => influxdb.runAll([drop]))
          const { error } = outcome ?? { error: 'no answer to a statement' }
          if (error !== undefined && !isGone(error)) throw mistake(`InfluxDB: ${error}`)
        } else await print(`${printStatement(drop)}\n`)
        await editor.revoke(id)
        process.stderr.write(`token ${id} revoked\n`)
      }
    },
  )
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

/** The statement is all that standard output gets. */
async function make(
  wanted: AppliedSubscription,
  editor: SubscriptionEditor,
  { apply, ...flags }: ApplyFlags,
): Promise<void> {
  const { database, policy, name, gateway } = wanted
  if (apply) {
    await applySubscription(wanted, editor, flags)
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
  return runMetaCommand(flags, id && tokenText(id), async (session) =>
    work((await session.open()).subscriptions),
  )
}

const tokenText = (id: string) => `subscription token ${escaped(id)}`
