import type { Command } from 'commander'
import { onTheCommandLine } from '../sign-in/meta-flags.js'

export interface NewPasswordFlags {
  readonly newPasswordFile?: string
  readonly newPasswordStdin?: boolean
  readonly generate?: boolean
}

/** The variable that holds a new password. */
export const NEW_PASSWORD = 'KAPACITOR_NEW_PASSWORD'

/** One of them says where a typed password comes from. */
export const TYPED_PASSWORD_FLAGS = ['--new-password-file', '--new-password-stdin'] as const

/** One of them says where a new password comes from. */
export const NEW_PASSWORD_FLAGS = [...TYPED_PASSWORD_FLAGS, '--generate'] as const

export function addNewPasswordFlags(command: Command): Command {
  return addTypedPasswordFlags(command).option(
    '--generate',
    'generate a password and print it once',
  )
}

/** The same for a command that does not generate passwords. */
export function addTypedPasswordFlags(command: Command): Command {
  return command
    .option('--new-password-file <file>', `a file with it (default: $${NEW_PASSWORD}, else asked)`)
    .option('--new-password-stdin', 'take it from standard input')
    .addOption(onTheCommandLine('--new-password', 'password', `${NEW_PASSWORD_FLAGS.join(', ')}`))
}
