import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Milliseconds, parseDuration } from '../../time.js'
import { addMetaFlags, type ShowFlags } from '../sign-in/meta-flags.js'
import type { DeleteFlags } from './delete-subscriptions.js'
import type { RotateFlags } from './rotate-subscriptions.js'
import type { CreateFlags } from './subscription-actions.js'

const EXAMPLES = `
A subscription has InfluxDB post what is written to one database and retention policy to Kapacitor, here through the gateway.
Its token is for nothing else. With [gateway] subscriptions = true the gateway makes all of them itself.

Without --apply the statements are printed, to be run in InfluxDB; with it, they are run in the InfluxDB of [gateway]
influxdb-url.

Examples:
  kapacitor-auth subscription create telegraf autogen --url http://gateway:9092
  kapacitor-auth subscription list
  kapacitor-auth subscription rotate 019a0c3e-52f1-7a64-9d0b-3f9c2a1be04d --apply
  kapacitor-auth subscription delete 019a0c3e-52f1-7a64-9d0b-3f9c2a1be04d --apply

The exit code is 0 on success, 2 if there is no such token, 1 otherwise.`

const URL_FLAG: [string, string] = [
  '--url <url>',
  'the address that InfluxDB is to post to (default: [gateway] subscription-url)',
]
const APPLY: [string, string] = [
  '--apply',
  'run the statements in InfluxDB, instead of printing them',
]

/** What the commands do is loaded when one of them runs. */
const actions = () => import('./subscription-actions.js')

/** `kapacitor-auth subscription …`: subscriptions and their tokens, by hand. */
export function addSubscriptionCommands(program: Command): void {
  const subscription = program
    .command('subscription')
    .description("create, list, rotate and delete InfluxDB's subscriptions to Kapacitor")
    .addHelpText('after', EXAMPLES)
  const add = (name: string, description: string) =>
    addMetaFlags(subscription.command(name).description(description))

  add('create', 'a subscription with a token of its own; the token is shown once')
    .argument('<database>')
    .argument('[policy]', 'the retention policy', 'autogen')
    .option('--name <name>', 'what InfluxDB is to call it (default: by-hand-…)')
    .option(...URL_FLAG)
    .option(...APPLY)
    .action(async (database: string, policy: string, flags: CreateFlags) =>
      (await actions()).create({ database, policy }, flags),
    )

  add('list', 'the tokens of subscriptions; revoked ones, too')
    .option('--json', 'print JSON')
    .action(async (flags: ShowFlags) => (await actions()).list(flags))

  add('show', 'one token, by its id')
    .argument('<id>')
    .option('--json', 'print JSON')
    .action(async (id: string, flags: ShowFlags) => (await actions()).show(id, flags))

  add('rotate', 'a new token: a new subscription takes the place of the old one; no point is lost')
    .argument('<id...>')
    .option(...URL_FLAG)
    .option(...APPLY)
    .addOption(
      new Option(
        '--grace <duration>',
        'with --apply: how long the old token stays valid, so that InfluxDB can send what it has queued (default: 15s)',
      ).argParser(parseGrace),
    )
    .action(async (ids: readonly string[], flags: RotateFlags) =>
      (await import('./rotate-subscriptions.js')).rotate(ids, flags),
    )

  add('delete', 'drop subscriptions, and revoke their tokens')
    .argument('<id...>')
    .option(...APPLY)
    .option('--yes', 'do not ask')
    .action(async (ids: readonly string[], flags: DeleteFlags) =>
      (await import('./delete-subscriptions.js')).remove(ids, flags),
    )
}

/** @throws InvalidArgumentError */
function parseGrace(text: string): Milliseconds {
  const duration = parseDuration(text)
  if (duration === undefined || duration < 0 || duration >= 2 ** 31) {
    throw new InvalidArgumentError('Expected a duration such as 30s or 1m, or 0s.')
  }
  return duration
}
