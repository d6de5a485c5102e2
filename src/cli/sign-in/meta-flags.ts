import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Milliseconds, parseDuration } from '../../time.js'
import { CONFIG } from '../config-option.js'
import { mistake } from '../mistake.js'
import { addProfileFlags, type ProfileFlags } from './profile-flags.js'

/** Which meta nodes to ask, and with which credentials. */
export interface MetaFlags extends ProfileFlags {
  readonly config?: string
  readonly metaAddr?: string
  readonly metaUseTls?: boolean
  readonly metaCa?: string
  readonly metaCert?: string
  readonly metaKey?: string
  readonly metaInsecureSkipVerify?: boolean
  readonly username?: string
  readonly passwordFile?: string
  readonly tokenFile?: string
  readonly timeout: Milliseconds
}

/** Of commands that show something. */
export interface ShowFlags extends MetaFlags {
  readonly json?: boolean
}

/** Adds the flags of every command that talks to meta nodes. */
export function addMetaFlags(command: Command): Command {
  return addProfileFlags(addCredentialFlags(command))
    .option('--meta-use-tls', 'connect over TLS')
    .option('--meta-ca <file>', "CA of the meta nodes' certificates (PEM)")
    .option('--meta-cert <file>', 'client certificate for the meta nodes (PEM)')
    .option('--meta-key <file>', 'its private key (PEM)')
    .option('--meta-insecure-skip-verify', 'do not verify certificates; insecure')
    .addOption(
      new Option('--timeout <duration>', 'how long one request may take')
        .argParser(parseTimeout)
        .default(30_000, '30s'),
    )
    .option(...CONFIG)
    .addOption(onTheCommandLine('--password', 'password', '--password-file or $KAPACITOR_PASSWORD'))
    .addOption(onTheCommandLine('--token', 'token', '--token-file or $KAPACITOR_TOKEN'))
}

function addCredentialFlags(command: Command): Command {
  return command
    .option(
      '--meta-addr <host:port,…>',
      'meta nodes to ask, in turn (default: [auth] meta-addr, else the one on this machine)',
    )
    .option(
      '--username <name>',
      'the user to sign in as (default: $KAPACITOR_USERNAME, else the configuration)',
    )
    .option(
      '--password-file <file>',
      'a file with the password (default: $KAPACITOR_PASSWORD, else asked)',
    )
    .option('--token-file <file>', 'a file with a bearer token instead (default: $KAPACITOR_TOKEN)')
}

/** A flag that exists only to be refused, without its value in the message. */
export function onTheCommandLine(flag: string, what: string, instead: string): Option {
  return new Option(`${flag} [value]`)
    .hideHelp()
    .preset('')
    .argParser(() => {
      throw mistake(
        `everybody on this machine can read a ${what} on a command line; use ${instead} instead`,
      )
    })
}

/** A duration of a timer. @throws InvalidArgumentError */
export function parseTimeout(text: string): Milliseconds {
  const duration = parseDuration(text)
  if (duration === undefined || duration < 1 || duration >= 2 ** 31) {
    throw new InvalidArgumentError('Expected a duration such as 30s or 1m30s.')
  }
  return duration
}
