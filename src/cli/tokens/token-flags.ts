import { type Command, Option } from 'commander'
import { mistake } from '../mistake.js'
import type { MetaFlags } from '../sign-in/meta-flags.js'

/** What a token may do, as it was typed. */
export interface GrantFlags {
  readonly readDatabase?: readonly string[]
  readonly writeDatabase?: readonly string[]
  readonly permission?: readonly string[]
}

export interface CreateFlags extends MetaFlags, GrantFlags {
  readonly description?: string
  readonly expires?: string
  readonly expiresAt?: string
  readonly json?: boolean
}

export interface UpdateFlags extends MetaFlags, GrantFlags {
  readonly description?: string
  readonly expires?: string
  readonly json?: boolean
}

export interface RevokeFlags extends MetaFlags {
  readonly yes?: boolean
  readonly force?: boolean
}

/** The flags that say what a token may do; the first two are influxctl's. */
export function addGrantFlags(command: Command): Command {
  return command
    .option('--read-database <name>', 'it may read this database, or all (*); repeatable', listed)
    .option(
      '--write-database <name>',
      'it may write to this database, or all (*); repeatable',
      listed,
    )
    .option(
      '--permission <name[:database]>',
      'a permission by its name, such as KapacitorAPI or Monitor:telegraf; repeatable',
      listed,
    )
}

function listed(value: string, others: readonly string[] = []): readonly string[] {
  return [...others, value]
}

/** The flags of the former `token create`, which made what `token sign` makes now. */
export function refuseSignFlags(command: Command): Command {
  return ['--for', '--secret-file', '--secret'].reduce(
    (rest, flag) =>
      rest.addOption(
        new Option(`${flag} [value]`)
          .hideHelp()
          .preset('')
          .argParser(() => {
            throw mistake(`${flag} is an option of kapacitor-auth token sign, ${SIGNS}`)
          }),
      ),
    command,
  )
}

/** Where the former `token create` has gone. */
export const SIGNS = 'which signs JSON Web Tokens as token create did before'
