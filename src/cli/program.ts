import { Command, CommanderError, Option } from 'commander'
import type { Config } from '../config/config.js'
import { AuthError } from '../errors.js'
import type { Signals } from '../serve/signals.js'
import { VERSION } from '../version.js'
import { addAuthCommands } from './auth/auth-commands.js'
import { addCompletionCommand } from './completion/completion-command.js'
import type { ConfigFlags } from './config-of.js'
import { CONFIG, INFLUXDB_CONFIG } from './config-option.js'
import type { ExplainFlags } from './explain-command.js'
import type { HashFlags } from './hash-command.js'
import { addMetaCommands } from './registry/meta-commands.js'
import { addSubscriptionCommands } from './subscriptions/subscription-commands.js'
import { addTokenCommands } from './tokens/token-commands.js'
import { addTypedPasswordFlags } from './users/new-password-flags.js'
import { addRoleCommands } from './users/role-commands.js'
import { addUserCommands } from './users/user-commands.js'

const DATA_DIR: [string, string] = [
  '--data-dir <dir>',
  'where users, roles and sample data are kept (default: /var/lib/kapacitor-auth for root, else $XDG_DATA_HOME/kapacitor-auth or ~/.local/share/kapacitor-auth)',
]
const BIND: [string, string] = ['--bind-address <host:port>', 'where the Kapacitor API listens']
const META_BIND: [string, string] = [
  '--meta-bind-address <host:port>',
  'where the meta node listens',
]
const META: [string, string] = [
  '--meta-addr <host:port,…>',
  'meta nodes to ask, instead of the embedded one',
]

/**
 * Runs the command that `args` (without node and script) name. Mistakes are printed to standard error as one
 * line each, and set the process's exit code to 1.
 *
 * Only what describes the commands is loaded at once; what one of them works with, when it runs.
 *
 * @param signals those of a server, caught since the program started
 */
export async function run(args: readonly string[], signals?: Signals): Promise<void> {
  let help = ''
  const program = new Command('kapacitor-auth')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        help += text
      },
    })
    .description(
      'One login for the TICK stack: authenticates and authorizes requests as Kapacitor does.',
    )
    .version(VERSION)
    .addHelpText(
      'after',
      `
Configuration comes from kapacitor.conf, then KAPACITOR_<SECTION>_<KEY> variables, then flags.
kapacitor-auth config shows what is in force, where each value comes from, and which of the files cannot be used.

Examples:
  kapacitor-auth serve
  kapacitor-auth serve --config /etc/kapacitor/kapacitor.conf
  KAPACITOR_AUTH_META_ADDR=meta1:8091,meta2:8091 kapacitor-auth config
  kapacitor-auth explain --user johndoe --path /kapacitor/v1/tasks
  kapacitor-auth user create johndoe --username admin
  kapacitor-auth user grant johndoe KapacitorAPI --username admin
  kapacitor-auth token sign --username johndoe --expires 1h`,
    )

  program
    .command('serve')
    .description(
      'run the gateway, and the embedded meta node unless meta-addr names other meta nodes',
    )
    .option(...CONFIG)
    .option(...INFLUXDB_CONFIG)
    .option(...BIND)
    .option(...META_BIND)
    .option(...META)
    .option(...DATA_DIR)
    .action(async (flags: ConfigFlags) => {
      const { runServe } = await import('../serve/run-serve.js')
      return runServe(await loaderOf(flags), signals)
    })

  program
    .command('meta-node')
    .description('run the meta node alone: users, roles and permissions behind the meta API')
    .option(...CONFIG)
    .option(...META_BIND)
    .option(...DATA_DIR)
    .action(async (flags: ConfigFlags) => {
      const { runMetaNode } = await import('../serve/meta-node/run-meta-node.js')
      return runMetaNode(await configOf(flags), signals)
    })

  program
    .command('config')
    .description(
      'print the configuration in force, secrets masked, and where each value comes from; check the files that it names',
    )
    .option(...CONFIG)
    .option(...INFLUXDB_CONFIG)
    .option(...BIND)
    .option(...META_BIND)
    .option(...META)
    .option(...DATA_DIR)
    .option('--example', 'print an example kapacitor.conf that explains every key')
    .action(async (flags: ConfigFlags & { example?: boolean }) => {
      const { printConfig } = await import('./config-command.js')
      await printConfig(await loaderOf(flags), flags.example)
    })

  program
    .command('explain')
    .description(
      'ask a running server whether a user, a subject or a token may make a request, and why; the exit code is 0 if allowed, 2 if not',
    )
    .option(
      '--user <name>',
      'the user, oidc:ID for a subject of the identity provider, or _token:ID or _sub:ID for a token',
    )
    .option(
      '--token-file <file>',
      'instead of a user: a file with an own token; /dev/stdin is standard input',
    )
    .option('--method <method>', 'the request method', 'GET')
    .option('--path <path>', 'the request path, percent-encoded: /kapacitor/v1/tasks')
    .option('--query <InfluxQL>', 'instead of a path: a query to InfluxDB')
    .option('--db <name>', 'the database that the query is sent with')
    .option(
      '--admin-addr <host:port>',
      "the server's admin listener (default: [admin] bind-address)",
    )
    .option('--json', 'print the answer as JSON')
    .option(...CONFIG)
    .action(async (flags: ConfigFlags & ExplainFlags) => {
      const { runExplain } = await import('./explain-command.js')
      process.exitCode = await runExplain(flags, () => configOf(flags))
    })

  addTypedPasswordFlags(
    program.command('hash').description('print the hash of a password, which is asked for'),
  )
    .addOption(
      new Option('--kind <kind>', 'how to hash it')
        .choices(['bcrypt', 'pbkdf2-sha256', 'pbkdf2-sha512'])
        .default('bcrypt'),
    )
    .option('--cost <number>', "bcrypt's cost, or rounds of PBKDF2 (default: 10, 29000)")
    .action(async (flags: HashFlags) => {
      const { printHash } = await import('./hash-command.js')
      return printHash(flags)
    })

  addAuthCommands(program)
  addUserCommands(program)
  addRoleCommands(program)
  addTokenCommands(program)
  addSubscriptionCommands(program)
  addMetaCommands(program, { config: CONFIG, dataDir: DATA_DIR, configOf })
  addCompletionCommand(program)
  pointToHelp(program, program.name())

  try {
    await program.parseAsync(args.map(dashes), { from: 'user' }).catch(async (error: unknown) => {
      if (!(error instanceof CommanderError)) throw error
      process.exitCode = error.exitCode
      // Help or the version; a mistake in the arguments has been printed to standard error
      if (help !== '') await (await import('./terminal/output.js')).output(help)
    })
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    process.stderr.write(`kapacitor-auth: ${error.message}\n`)
    process.exitCode = 1
  }
}

/** What is printed below a mistake in the arguments: how to see the help of that command. */
function pointToHelp(command: Command, name: string): void {
  command.showHelpAfterError(`Run ${name} --help for usage.`)
  for (const below of command.commands) pointToHelp(below, `${name} ${below.name()}`)
}

/** Kapacitor's own `-config FILE` and `-config=FILE`, with one dash. */
const dashes = (arg: string) => arg.replace(/^-config(?=$|=)/, '--config')

/** What reads the configuration, again and again. */
async function loaderOf(flags: ConfigFlags): Promise<() => Config> {
  const config = await import('./config-of.js')
  return () => config.configOf(flags)
}

async function configOf(flags: ConfigFlags): Promise<Config> {
  return (await loaderOf(flags))()
}
