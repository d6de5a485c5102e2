import { randomBytes } from 'node:crypto'
import { shown } from '../../text/printable.js'
import { mistake } from '../mistake.js'
import { readSecretFile, readSecretInput } from '../terminal/read-secret.js'
import type { Terminal } from '../terminal/terminal.js'
import {
  NEW_PASSWORD,
  NEW_PASSWORD_FLAGS,
  type NewPasswordFlags,
  TYPED_PASSWORD_FLAGS,
} from './new-password-flags.js'

/**
 * A new password: by flag, by environment, or typed twice.
 *
 * @param name the user it is for; undefined for a command that does not generate passwords
 * @throws AuthError one line, if there is none, or more than one flag
 */
export async function newPassword(
  name: string | undefined,
  flags: NewPasswordFlags,
  terminal: Terminal | undefined,
): Promise<string> {
  const { newPasswordFile: file, newPasswordStdin: isStdin, generate } = flags
  if ([file !== undefined, isStdin, generate].filter(Boolean).length > 1) {
    throw mistake(`use only one of ${NEW_PASSWORD_FLAGS.join(', ')}`)
  }
  if (generate) return randomBytes(16).toString('hex')
  if (file !== undefined) return readSecretFile('--new-password-file', file)
  if (isStdin) return readSecretInput('--new-password-stdin')
  const variable = process.env[NEW_PASSWORD]
  if (variable) return variable
  const ofUser = name === undefined ? '' : ` of user ${shown(name)}`
  if (!terminal) {
    const ways = name === undefined ? TYPED_PASSWORD_FLAGS : NEW_PASSWORD_FLAGS
    throw mistake(
      `no new password${name === undefined ? '' : ` for user ${shown(name)}`}: there is no terminal to ask on; ` +
        `use ${ways.join(', ')} or ${NEW_PASSWORD}`,
    )
  }
  const password = await terminal.secret(`New password${ofUser}: `)
  const again = await terminal.secret('Repeat the password: ')
  if (password !== again) throw mistake('the passwords differ; nothing was changed')
  return password
}
