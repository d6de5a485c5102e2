import type { Config } from '../../config/config.js'
import type { MetaCredentials } from '../../meta-client/wire/options.js'
import { shown } from '../../text/printable.js'
import { mistake } from '../mistake.js'
import { readSecretFile } from '../terminal/read-secret.js'
import type { Terminal } from '../terminal/terminal.js'
import type { MetaFlags } from './meta-flags.js'

/** The credentials to ask the meta nodes with. */
export interface MetaSignIn {
  /** Undefined: without credentials. */
  readonly credentials: MetaCredentials | undefined
  /** The user's name, if there is one. */
  readonly username: string | undefined
  /** Whose credentials they are, and where they came from, for messages. */
  readonly says: string
}

export interface SignInSources {
  readonly flags: MetaFlags
  readonly env: NodeJS.ProcessEnv
  readonly config: Config
  readonly isEmbedded: boolean
  readonly terminal: Terminal | undefined
}

/**
 * Which credentials: those of the flags, else of `KAPACITOR_TOKEN` or `KAPACITOR_USERNAME`, else as a gateway with that configuration
 * would, else, asking the embedded meta node, as another node of its cluster.
 *
 * @throws AuthError one line, if flags contradict each other, or a password is missing
 */
export async function metaSignIn(sources: SignInSources): Promise<MetaSignIn> {
  const { flags, env } = sources
  const { username, passwordFile, tokenFile } = flags
  if (tokenFile !== undefined) {
    if (username !== undefined || passwordFile !== undefined) {
      throw mistake('--token-file cannot be combined with --username or --password-file')
    }
    return bearer(readSecretFile('--token-file', tokenFile), '--token-file')
  }
  if (username !== undefined) return byPassword(username, '--username', sources)
  if (env.KAPACITOR_TOKEN && passwordFile === undefined) {
    return bearer(env.KAPACITOR_TOKEN, 'KAPACITOR_TOKEN')
  }
  if (env.KAPACITOR_USERNAME)
    return byPassword(env.KAPACITOR_USERNAME, 'KAPACITOR_USERNAME', sources)
  if (passwordFile !== undefined) throw mistake('--password-file needs --username')
  return configured(sources)
}

function bearer(token: string, origin: string): MetaSignIn {
  if (!/^[\w.~+/-]+=*$/.test(token)) throw mistake(`${origin}: not a bearer token`)
  const credentials = { kind: 'bearer', token } as const
  return { credentials, username: undefined, says: `by the token of ${origin}` }
}

async function byPassword(
  username: string,
  origin: string,
  { flags, env, config, terminal }: SignInSources,
): Promise<MetaSignIn> {
  if (username === '') throw mistake(`${origin} is empty`)
  if (username.includes(':'))
    throw mistake(`${origin}: a name with a colon cannot sign in by password`)
  const says = `as user ${shown(username)} (${origin})`
  const basic = (password: string): MetaSignIn => ({
    credentials: { kind: 'basic', username, password },
    username,
    says,
  })
  if (flags.passwordFile !== undefined) {
    return basic(readSecretFile('--password-file', flags.passwordFile))
  }
  if (env.KAPACITOR_PASSWORD) return basic(env.KAPACITOR_PASSWORD)
  const { metaUsername, metaPassword } = config.auth
  if (username === metaUsername && metaPassword) return basic(metaPassword.reveal())
  if (terminal) return basic(await terminal.secret(`Password of user ${shown(username)}: `))
  throw mistake(
    `no password for user ${shown(username)}: there is no terminal to ask on; ` +
      'use --password-file or KAPACITOR_PASSWORD',
  )
}

/** The precedence of `metaClientOptions`. */
function configured({ config: { auth, meta }, isEmbedded }: SignInSources): MetaSignIn {
  const node = (secret: string, key: string): MetaSignIn => ({
    credentials: { kind: 'node', secret },
    username: undefined,
    says: `as a node, with ${key}`,
  })
  if (auth.metaInternalSharedSecret) {
    return node(auth.metaInternalSharedSecret.reveal(), '[auth] meta-internal-shared-secret')
  }
  if (auth.metaUsername !== '') {
    return {
      credentials: {
        kind: 'basic',
        username: auth.metaUsername,
        password: auth.metaPassword?.reveal() ?? '',
      },
      username: auth.metaUsername,
      says: `as user ${shown(auth.metaUsername)} ([auth] meta-username)`,
    }
  }
  if (isEmbedded && meta.internalSharedSecret) {
    return node(meta.internalSharedSecret.reveal(), '[meta] internal-shared-secret')
  }
  return { credentials: undefined, username: undefined, says: 'without credentials' }
}
