import type { Command } from 'commander'
import { addMetaFlags, type ShowFlags } from '../sign-in/meta-flags.js'
import { addSignCommand } from './sign-command.js'
import {
  addGrantFlags,
  type CreateFlags,
  type RevokeFlags,
  refuseSignFlags,
  type UpdateFlags,
} from './token-flags.js'

const EXAMPLES = `
A token is presented as Authorization: Token …, Authorization: Bearer …, as the password of any user name, or as p=… to
InfluxDB's API. It never grants more than its owner holds at the time.

influxctl's management tokens are tokens with --permission all here: somebody who has one is an administrator.

Examples:
  kapacitor-auth token create --read-database telegraf "grafana"
  kapacitor-auth token create --write-database telegraf --expires 90d "telegraf on web1"
  kapacitor-auth token create --permission KapacitorAPI "chronograf"
  kapacitor-auth token list
  kapacitor-auth token revoke 01a21f5d-4f61-77c4-9789-dda916556362
  kapacitor-auth token sign --username ann --expires 1h

The exit code is 0 on success, 2 if there is no such token, 1 otherwise.`

/** What the commands do is loaded when one of them runs. */
const actions = () => import('./token-actions.js')

/** `kapacitor-auth token …`: own tokens at a meta node of ours, with influxctl's names; and JSON Web Tokens. */
export function addTokenCommands(program: Command): void {
  const token = program
    .command('token')
    .description('create, list, show, change and revoke tokens; sign JSON Web Tokens')
    .addHelpText('after', EXAMPLES)
  const add = (name: string, description: string) =>
    addMetaFlags(token.command(name).description(description))

  refuseSignFlags(
    addGrantFlags(
      add('create', 'a new token, which is printed once').argument(
        '[description]',
        'what it is for',
      ),
    ),
  )
    .option('--description <text>', 'the same')
    .option('--expires <time>', '30d, 12h, 2027-01-31 or RFC 3339 (default: it does not expire)')
    .option('--expires-at <time>', 'the same, as influxctl calls it')
    .option('--json', 'print the token with all that is known of it as JSON')
    .allowExcessArguments()
    .action(async (_description: string | undefined, flags: CreateFlags, command: Command) =>
      (await actions()).createToken(command.args, flags),
    )

  add('list', "your tokens, or everybody's for an administrator; revoked ones, too")
    .option('--json', 'print JSON')
    .action(async (flags: ShowFlags) => (await actions()).listTokens(flags))

  add('get', 'one token, by its id')
    .alias('show')
    .argument('<id>')
    .option('--json', 'print JSON')
    .action(async (id: string, flags: ShowFlags) => (await actions()).showToken(id, flags))

  addGrantFlags(add('update', 'what a token may do, is for, or until when').argument('<id>'))
    .option('--description <text>', 'what it is for')
    .option('--expires <time>', 'a new time as with create, or never')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nPermissions replace those that the token has.')
    .action(async (id: string, flags: UpdateFlags) => (await actions()).updateToken(id, flags))

  add('revoke', 'end tokens at once, for good')
    .alias('delete')
    .argument('<id...>')
    .option('--yes', 'do not ask')
    .option('--force', 'the same, as influxctl calls it')
    .action(async (ids: readonly string[], flags: RevokeFlags) =>
      (await actions()).revokeTokens(ids, flags),
    )

  addSignCommand(token)
}
