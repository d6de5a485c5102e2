import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Milliseconds, parseDuration } from '../time.js'
import { CONFIG } from './config-option.js'
import type { TokenFlags } from './create-token.js'
import { onTheCommandLine } from './sign-in/meta-flags.js'

/** As influxd-ctl. */
const USUAL: Milliseconds = 60_000

/** RFC 7519 has no limit; a time with more digits is refused by those who read it. */
const LONGEST: Milliseconds = 100 * 365 * 86_400_000

/** `kapacitor-auth token …`: what `influxd-ctl token` does. */
export function addTokenCommands(program: Command): void {
  program
    .command('token')
    .description('make bearer tokens')
    .command('create')
    .description('print a JSON Web Token, signed with a shared secret')
    .option('--username <name>', 'the user that the token signs in')
    .addOption(
      new Option('--expires <duration>', 'how long the token is valid')
        .argParser(parseExpiry)
        .default(USUAL, '1m'),
    )
    .addOption(
      new Option(
        '--for <audience>',
        'what it is for: the Kapacitor API ([http] shared-secret), the meta node ([meta] shared-secret), ' +
          'or the meta node as from another node of its cluster (internal-shared-secret, no user name)',
      )
        .choices(['api', 'meta', 'node'])
        .default('api'),
    )
    .option('--secret-file <file>', 'a file with the secret (default: the configuration)')
    .option(...CONFIG)
    .addOption(onTheCommandLine('--secret', 'secret', '--secret-file or the configuration'))
    .addHelpText(
      'after',
      `
Examples:
  kapacitor-auth token create --username ann --expires 1h
  curl -H "Authorization: Bearer $(kapacitor-auth token create --username ann)" localhost:9092/kapacitor/v1/tasks`,
    )
    .action(async (flags: TokenFlags) => {
      const { createToken } = await import('./create-token.js')
      return createToken(flags)
    })
}

function parseExpiry(text: string): Milliseconds {
  const duration = parseDuration(text)
  if (duration === undefined || duration < 1_000 || duration > LONGEST) {
    throw new InvalidArgumentError('Expected a duration of a second or more, such as 1h30m.')
  }
  return duration
}
