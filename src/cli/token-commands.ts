import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Config } from '../config/config.js'
import type { Secret } from '../config/secret.js'
import { type Milliseconds, parseDuration } from '../time.js'
import { CONFIG } from './config-option.js'
import { onTheCommandLine } from './meta-flags.js'
import { mistake } from './mistake.js'
import { output } from './output.js'
import { readSecretFile } from './read-secret.js'

interface TokenFlags {
  readonly username?: string
  readonly expires: Milliseconds
  readonly for: Reader
  readonly secretFile?: string
  readonly config?: string
}

/** Who reads a token. */
type Reader = 'api' | 'meta' | 'node'

/** The keys that a reader's tokens are signed with; the first one that is set counts. */
const SECRETS: Readonly<
  Record<Reader, readonly (readonly [title: string, of: (config: Config) => Secret | undefined])[]>
> = {
  api: [['[http] shared-secret', ({ http }) => http.sharedSecret]],
  meta: [['[meta] shared-secret', ({ meta }) => meta.sharedSecret]],
  node: [
    ['[auth] meta-internal-shared-secret', ({ auth }) => auth.metaInternalSharedSecret],
    ['[meta] internal-shared-secret', ({ meta }) => meta.internalSharedSecret],
  ],
}

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
    .option('--username <name>', 'who signs in by it')
    .addOption(
      new Option('--expires <duration>', 'how long it is good for')
        .argParser(parseExpiry)
        .default(USUAL, '1m'),
    )
    .addOption(
      new Option(
        '--for <whom>',
        'who reads it: the guarded API ([http] shared-secret), the meta node ([meta] shared-secret), ' +
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
      const { username = '', expires } = flags
      const isNode = flags.for === 'node'
      if (isNode && flags.username !== undefined) {
        throw mistake('--for node: such a token has no user name; leave --username out')
      }
      if (!isNode && username === '') throw mistake('--username: who signs in by the token?')
      const secret = await secretOf(flags)
      const { signToken } = await import('../token/sign-token.js')
      const token = await signToken({ secret, username, expiresAt: Date.now() + expires })
      await output(`${token}\n`)
    })
}

async function secretOf(flags: TokenFlags): Promise<string> {
  if (flags.secretFile !== undefined) {
    const secret = readSecretFile('--secret-file', flags.secretFile)
    if (Buffer.byteLength(secret) < 16) throw mistake('--secret-file: 16 bytes are the least')
    return secret
  }
  const { loadConfig } = await import('../config/load-config.js')
  const config = loadConfig(flags.config === undefined ? {} : { file: flags.config })
  const keys = SECRETS[flags.for]
  for (const [, of] of keys) {
    const secret = of(config)
    if (secret) return secret.reveal()
  }
  const titles = keys.map(([title]) => title).join(' and ')
  const verb = keys.length > 1 ? 'are' : 'is'
  throw mistake(`${titles} ${verb} not set: nothing to sign with; or use --secret-file`)
}

function parseExpiry(text: string): Milliseconds {
  const duration = parseDuration(text)
  if (duration === undefined || duration < 1_000 || duration > LONGEST) {
    throw new InvalidArgumentError('Expected a duration of a second or more, such as 1h30m.')
  }
  return duration
}
