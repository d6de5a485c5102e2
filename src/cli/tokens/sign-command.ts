import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Milliseconds, parseDuration } from '../../time.js'
import { CONFIG, INFLUXDB_CONFIG } from '../config-option.js'
import { onTheCommandLine } from '../sign-in/meta-flags.js'
import type { SignFlags } from './sign-jwt.js'

/** As influxd-ctl. */
const USUAL: Milliseconds = 60_000

/** RFC 7519 has no limit; a time with more digits is refused by those who read it. */
const LONGEST: Milliseconds = 100 * 365 * 86_400_000

/** `kapacitor-auth token sign`: what `influxd-ctl token` does. */
export function addSignCommand(token: Command): void {
  token
    .command('sign')
    .description('print a JSON Web Token, signed with a shared secret')
    .option('--username <name>', 'the user that the token signs in')
    .addOption(
      new Option('--expires <duration>', 'how long the token is valid')
        .argParser(parseLifetime)
        .default(USUAL, '1m'),
    )
    .addOption(
      new Option(
        '--for <audience>',
        "what it is for: the Kapacitor API ([http] shared-secret), InfluxDB's API ([http] shared-secret of influxdb.conf), " +
          'the meta node ([meta] shared-secret), ' +
          'or the meta node as from another node of its cluster (internal-shared-secret, no user name)',
      )
        .choices(['api', 'influxdb', 'meta', 'node'])
        .default('api'),
    )
    .option('--secret-file <file>', 'a file with the secret (default: the configuration)')
    .option(...CONFIG)
    .option(...INFLUXDB_CONFIG)
    .addOption(onTheCommandLine('--secret', 'secret', '--secret-file or the configuration'))
    .addHelpText(
      'after',
      `
Examples:
  kapacitor-auth token sign --username ann --expires 1h
  curl -H "Authorization: Bearer $(kapacitor-auth token sign --username ann)" localhost:9092/kapacitor/v1/tasks`,
    )
    .action(async (flags: SignFlags) => {
      const { signJwt } = await import('./sign-jwt.js')
      return signJwt(flags)
    })
}

function parseLifetime(text: string): Milliseconds {
  const duration = parseDuration(text)
  if (duration === undefined || duration < 1_000 || duration > LONGEST) {
    throw new InvalidArgumentError('Expected a duration of a second or more, such as 1h30m.')
  }
  return duration
}
