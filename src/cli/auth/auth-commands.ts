import { type Command, Option } from 'commander'
import { parseTimeout } from '../sign-in/meta-flags.js'
import { addProfileFlags, type ProfileFlags } from '../sign-in/profile-flags.js'
import type { LoginFlags, StatusFlags } from './auth-actions.js'

const EXAMPLES = `
The profile file is influxctl's, with its keys: [[profile]], and below it [profile.auth.oauth2] with client_id, device_url
and token_url. Its host and port are those of an InfluxDB cluster and are not used here: the meta node is named by
--meta-addr or the configuration, as with all commands.

Examples:
  kapacitor-auth auth login
  kapacitor-auth auth login --timeout 2m
  kapacitor-auth auth status --profile staging
  kapacitor-auth user list

The exit code of status is 0 for a login that can be used, 2 if there is none, 1 for errors. That of login is 0 once you
have signed in, 1 otherwise: refused, or not in time.`

/** What the commands do is loaded when one of them runs. */
const actions = () => import('./auth-actions.js')

/** `kapacitor-auth auth …`: a person's login at an identity provider. */
export function addAuthCommands(program: Command): void {
  const auth = program
    .command('auth')
    .description('sign in at an identity provider, for the commands that ask the meta node')
    .addHelpText('after', EXAMPLES)
  const add = (name: string, description: string) =>
    addProfileFlags(auth.command(name).description(description))

  add('login', 'sign in: prints a page and a code, and waits until you have signed in there')
    .option('--no-browser', 'do not open the page in a browser')
    .addOption(
      new Option(
        '--timeout <duration>',
        'how long to wait for you, such as 90s or 5m (default: until the code expires, which the provider decides)',
      ).argParser(parseTimeout),
    )
    .action(async (flags: LoginFlags) => (await actions()).logIn(flags))

  add('logout', 'forget the login on this machine; the session at the provider goes on').action(
    async (flags: ProfileFlags) => (await actions()).logOut(flags),
  )

  add('token', 'print the token that the login sends, refreshed if need be; keep it secret').action(
    async (flags: ProfileFlags) => (await actions()).printToken(flags),
  )

  add('status', 'who is signed in, at which issuer, until when, and where it is kept')
    .option('--json', 'print JSON')
    .action(async (flags: StatusFlags) => (await actions()).showStatus(flags))
}
