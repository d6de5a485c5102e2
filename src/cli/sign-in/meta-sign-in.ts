import type { Config } from '../../config/config.js'
import { escaped, shown } from '../../text/printable.js'
import { mistake } from '../mistake.js'
import { readSecretFile } from '../terminal/read-secret.js'
import type { Terminal } from '../terminal/terminal.js'
import { bearerSignIn, type MetaSignIn } from './bearer-sign-in.js'
import type { MetaFlags } from './meta-flags.js'
import { profileSignIn } from './profile-sign-in.js'

export interface SignInSources {
  readonly flags: MetaFlags
  readonly env: NodeJS.ProcessEnv
  readonly config: Config
  readonly isEmbedded: boolean
  readonly terminal: Terminal | undefined
}

/**
 * Which credentials: those of the flags, else of `KAPACITOR_TOKEN` or `KAPACITOR_USERNAME`, else of a profile that was named
 * or signed in with, else as a gateway with that configuration would, else, asking the embedded meta node, as another
 * node of its cluster, else of the default profile.
 *
 * @throws AuthError one line, if flags contradict each other, or a password is missing
 */
export async function metaSignIn(sources: SignInSources): Promise<MetaSignIn> {
  const { flags, env } = sources
  if ((flags.profile ?? flags.profileFile) !== undefined) refuseOthers(flags)
  else {
    const given = await givenSignIn(sources)
    if (given) return given
  }
  const fallback = configured(sources)
  const login = await profileSignIn(flags, env, fallback.credentials !== undefined)
  return login ?? fallback
}

function refuseOthers({ username, passwordFile, tokenFile }: MetaFlags): void {
  if ((username ?? passwordFile ?? tokenFile) === undefined) return
  throw mistake(
    '--profile and --profile-file cannot be combined with --username, --password-file or --token-file',
  )
}

/** By flags, or the environment. */
async function givenSignIn(sources: SignInSources): Promise<MetaSignIn | undefined> {
  const { flags, env } = sources
  const { username, passwordFile, tokenFile } = flags
  if (tokenFile !== undefined) {
    if (username !== undefined || passwordFile !== undefined) {
      throw mistake('--token-file cannot be combined with --username or --password-file')
    }
    const token = readSecretFile('--token-file', tokenFile)
    return bearerSignIn(token, `--token-file ${escaped(tokenFile)}`)
  }
  if (username !== undefined) return byPassword(username, '--username', sources)
  if (env.KAPACITOR_TOKEN && passwordFile === undefined) {
    return bearerSignIn(env.KAPACITOR_TOKEN, 'KAPACITOR_TOKEN')
  }
  if (env.KAPACITOR_USERNAME)
    return byPassword(env.KAPACITOR_USERNAME, 'KAPACITOR_USERNAME', sources)
  if (passwordFile !== undefined) throw mistake('--password-file needs --username')
  return undefined
}

async function byPassword(
  username: string,
  origin: string,
  { flags, env, config, terminal }: SignInSources,
): Promise<MetaSignIn> {
  if (username === '') throw mistake(`${origin} is empty`)
  if (username.includes(':'))
    throw mistake(`${origin}: a name with a colon cannot sign in by password`)
  const says = `as user ${shown(username)} of ${origin}`
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
      says: `as user ${shown(auth.metaUsername)} of [auth] meta-username`,
    }
  }
  if (isEmbedded && meta.internalSharedSecret) {
    return node(meta.internalSharedSecret.reveal(), '[meta] internal-shared-secret')
  }
  return { credentials: undefined, username: undefined, says: 'without credentials' }
}
