import { parseAddress } from '../../config/kinds/address.js'
import { loadConfig } from '../../config/load-config.js'
import { AuthError } from '../../errors.js'
import { isLoopback } from '../../http/loopback.js'
import { createMetaEditor, type MetaEditor } from '../../meta-client/editor.js'
import { escaped } from '../../text/printable.js'
import { mistake } from '../mistake.js'
import { openTerminal, type Terminal } from '../terminal/terminal.js'
import type { MetaSignIn } from './bearer-sign-in.js'
import { adviceOn } from './meta-advice.js'
import type { MetaFlags } from './meta-flags.js'
import { metaSignIn } from './meta-sign-in.js'
import { type MetaTarget, metaTarget } from './meta-target.js'

/** The exit code for a user, role or token that does not exist; 1 is for every other error. */
const NOT_FOUND = 2

/** What a command that talks to meta nodes works with. */
export interface MetaSession {
  /** Undefined if standard input is not a terminal. */
  readonly terminal: Terminal | undefined

  /** The credentials to use; may ask for a password. */
  signIn(): Promise<MetaSignIn>

  /** Signs in, and gives the terminal back: from now on Ctrl-C is the terminal's again. */
  open(): Promise<MetaEditor>
}

/**
 * Runs a command that talks to meta nodes. An error is printed in one line with advice, and sets the exit code: 2 for a
 * user or role that does not exist, 1 otherwise.
 *
 * @param about the user, role or token that it is about, in words: a meta node's "not found" does not name it
 */
export async function runMetaCommand(
  flags: MetaFlags,
  about: string | (() => string) | undefined,
  work: (session: MetaSession) => Promise<void>,
): Promise<void> {
  const terminal = openTerminal()
  const unknown = new Set<string>()
  let target: MetaTarget | undefined
  let signIn: MetaSignIn | undefined
  let editor: MetaEditor | undefined

  const session: MetaSession = {
    terminal,
    async signIn() {
      if (signIn) return signIn
      const config = configOf(flags)
      target = metaTarget(config)
      if (!target.tls) refuseTlsFlags(flags)
      const { isEmbedded } = target
      signIn = await metaSignIn({ flags, env: process.env, config, isEmbedded, terminal })
      if (signIn.credentials) warnOfPlainHttp(target)
      return signIn
    },
    async open() {
      const { credentials } = await session.signIn()
      terminal?.close()
      const { addresses, tls } = target as MetaTarget
      editor = createMetaEditor({
        addresses,
        tls,
        credentials,
        renew: signIn?.renew,
        timeout: flags.timeout,
        connectTimeout: Math.min(flags.timeout, 5_000),
        unknownPermission: (name) => unknown.add(name),
      })
      return editor
    },
  }

  try {
    await work(session)
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    const advice = adviceOn(error, { signIn: signIn?.says, timeout: flags.timeout })
    const subject = typeof about === 'function' ? about() : about
    const isNameless = /^(?:user|role|(?:subscription )?token) not found$/.test(advice)
    const says = isNameless && subject ? `${subject} not found` : advice
    process.stderr.write(`kapacitor-auth: ${says}\n`)
    process.exitCode = error.code === 'ERR_NOT_FOUND' ? NOT_FOUND : 1
  } finally {
    terminal?.close()
    editor?.close()
    signIn?.close?.()
  }
  for (const name of unknown) {
    const says = `the meta node grants an unknown permission: ${escaped(name)}`
    process.stderr.write(`kapacitor-auth: ${says}\n`)
  }
}

/** Passwords and tokens alike, as the configuration's rule says of `[auth] meta-use-tls`. */
function warnOfPlainHttp({ addresses, tls, isEmbedded }: MetaTarget): void {
  if (tls || isEmbedded) return
  const exposed = addresses.filter((address) => !isLoopback(parseAddress(address)?.host ?? ''))
  if (exposed.length === 0) return
  const says = `credentials travel to ${exposed.map(escaped).join(', ')} unencrypted; use --meta-use-tls`
  process.stderr.write(`kapacitor-auth: warning: ${says}\n`)
}

function refuseTlsFlags({ metaCa, metaCert, metaKey, metaInsecureSkipVerify }: MetaFlags): void {
  const tls = [metaCa, metaCert, metaKey, metaInsecureSkipVerify]
  if (tls.every((value) => value === undefined)) return
  throw mistake('--meta-ca, --meta-cert, --meta-key and the like need --meta-use-tls')
}

function configOf(flags: MetaFlags) {
  const overrides = {
    'auth.meta-addr': flags.metaAddr,
    'auth.meta-use-tls': flags.metaUseTls,
    'auth.meta-ca': flags.metaCa,
    'auth.meta-cert': flags.metaCert,
    'auth.meta-key': flags.metaKey,
    'auth.meta-insecure-skip-verify': flags.metaInsecureSkipVerify,
  }
  const named = Object.keys(overrides).map((key) => [key, key.replace('auth.', '--')])
  const file = flags.config === undefined ? {} : { file: flags.config }
  return loadConfig({ overrides, flags: Object.fromEntries(named), ...file })
}
