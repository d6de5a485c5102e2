import { createBcryptPool } from '../authn/passwords/bcrypt-pool.js'
import { isUsablePassword, MAX_PASSWORD_BYTES } from '../authn/passwords/password.js'
import { checkHashCost, type HashCost, type HashKind } from '../authn/passwords/password-hash.js'
import { USUAL_ROUNDS } from '../authn/passwords/pbkdf2-hash.js'
import { isOwnToken, TOKEN_AS_PASSWORD } from '../text/own-token-form.js'
import { escaped } from '../text/printable.js'
import { mistake } from './mistake.js'
import { output } from './terminal/output.js'
import { openTerminal } from './terminal/terminal.js'
import { newPassword } from './users/new-password.js'
import type { NewPasswordFlags } from './users/new-password-flags.js'

export interface HashFlags extends Omit<NewPasswordFlags, 'generate'> {
  readonly kind: HashKind
  /** bcrypt's cost, or the rounds of PBKDF2, as typed. @default 10, or 29,000 rounds */
  readonly cost?: string
}

const USUAL_COST = 10

/** The command: prints the hash of a password, for `createListDirectory` or an import of users. */
export async function printHash(flags: HashFlags): Promise<void> {
  const cost = costOf(flags)
  const terminal = openTerminal()
  let password: string
  try {
    password = await newPassword(undefined, flags, terminal)
  } finally {
    terminal?.close()
  }
  if (!isUsablePassword(password)) {
    throw mistake(`a password is 1 to ${MAX_PASSWORD_BYTES} bytes of UTF-8 without NUL`)
  }
  if (isOwnToken(password)) throw mistake(`the password ${TOKEN_AS_PASSWORD}`)
  const hasher = createBcryptPool({ threads: 1 })
  try {
    await output(`${await hasher.hash(password, cost)}\n`)
  } finally {
    await hasher.close()
  }
}

function costOf({ kind, cost }: HashFlags): HashCost {
  const usual = kind === 'bcrypt' ? USUAL_COST : USUAL_ROUNDS
  const number = cost === undefined ? usual : Number(cost)
  const made = kind === 'bcrypt' ? number : { kind, rounds: number }
  try {
    checkHashCost(made)
  } catch (error) {
    throw mistake(`--cost ${escaped(cost ?? '')}: ${(error as Error).message}`)
  }
  return made
}
